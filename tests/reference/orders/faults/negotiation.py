"""Faults of content negotiation: what comes is not what was asked for, or not what it says."""

from .fault import Fault, fault

FAULTS: tuple[Fault, ...] = (
    fault(
        "accept_ignored",
        "accept_chooses",
        "Accept is not looked at: JSON comes whatever is asked for.",
        "negotiation.py",
        "    if not field.strip():\n",
        "    if len(offered) > 1:\n",
    ),
    fault(
        "accept_without_weights",
        "accept_chooses",
        "Accept is read without its weights: the first name in it wins.",
        "negotiation.py",
        "            yield name, float(weight)\n",
        "            yield name, 1.0 if float(weight) else 0.0\n",
    ),
    fault(
        "accept_unknown_crashes",
        "accept_chooses",
        "An Accept that names nothing on offer ends in a 500.",
        "negotiation.py",
        "        raise Refused(HTTPStatus.NOT_ACCEPTABLE",
        "        raise LookupError(HTTPStatus.NOT_ACCEPTABLE",
    ),
    fault(
        "xml_calls_itself_json",
        "accept_chooses",
        "XML comes with the Content-Type of JSON.",
        "products.py",
        "    return web.Response(text=text, content_type=media, headers=fields)",
        "    return web.Response(text=text, content_type=JSON, headers=fields)",
    ),
    fault(
        "csv_is_json",
        "accept_chooses",
        "What calls itself CSV is the JSON of before.",
        "orders.py",
        "    return web.Response(text=text.getvalue(), content_type=CSV",
        '    return web.json_response({"items": page}, content_type=CSV',
    ),
    fault(
        "product_without_vary",
        "varies",
        "A product does not say that it varies: a cache gives XML to who asked for JSON.",
        "products.py",
        '    fields = {"ETag": tag(row, media), "Vary": "Accept"}\n    if',
        '    fields = {"ETag": tag(row, media)}\n    if',
    ),
    fault(
        "csv_without_vary",
        "varies",
        "Only JSON says that it varies by Accept; CSV says that it varies by encoding.",
        "orders.py",
        'content_type=CSV, headers={"Vary": "Accept"})',
        'content_type=CSV, headers={"Vary": "Accept-Encoding"})',
    ),
)
