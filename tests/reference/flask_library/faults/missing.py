"""Faults of what is not there: it must be 404, in the first place and for every method."""

from .fault import Edit, Fault, fault

FAULTS: tuple[Fault, ...] = (
    fault(
        "missing_book_null",
        "missing_404",
        "GET of a book that is not there answers 200 with null.",
        "books.py",
        "def show(book_id: uuid.UUID) -> dict[str, Any]:\n",
        "def show(book_id: uuid.UUID) -> Any:\n"
        '    known = get_db().execute("SELECT 1 FROM book WHERE id = ?", (str(book_id),)).fetchone()\n'
        '    if known is None:\n        return "null", 200, {"Content-Type": "application/json"}\n',
    ),
    fault(
        "missing_note_400",
        "missing_404",
        "A note that is not there answers 400.",
        "notes.py",
        "abort(404,",
        "abort(400,",
    ),
    fault(
        "missing_tag_crashes",
        "missing_404",
        "GET of a tag that is not there ends in a 500.",
        "tags.py",
        '    if row is None:\n        abort(404, "There is no such tag.")\n    return row\n\n\ndef own_tag',
        "    return row\n\n\ndef own_tag",
    ),
    fault(
        "missing_review_204",
        "missing_404",
        "DELETE of a review that never was answers 204.",
        "reviews.py",
        '    own_review(book_id, review_id)\n    db = get_db()\n    db.execute("DELETE',
        '    known = get_db().execute("SELECT 1 FROM review WHERE id = ?", (str(review_id),)).fetchone()\n'
        '    if known is None:\n        return "", 204\n'
        '    own_review(book_id, review_id)\n    db = get_db()\n    db.execute("DELETE',
    ),
    fault(
        "missing_book_has_reviews",
        "missing_404",
        "The reviews of a book that is not there are an empty list.",
        "reviews.py",
        "    find_book(book_id)\n    limit = ",
        "    limit = ",
    ),
    fault(
        "missing_book_403",
        "missing_404",
        "PUT, PATCH and DELETE of a book that is not there answer 403.",
        "books.py",
        "    row = find_book(book_id)\n    if row[",
        '    row = get_db().execute("SELECT * FROM book WHERE id = ?", (str(book_id),)).fetchone()\n'
        "    if row is None or row[",
    ),
    fault(
        "unknown_path_200",
        "missing_404",
        "A path that is no route answers 200 with an empty object.",
        "errors.py",
        "    response = Response(status=error.code,",
        '    if error.code == 404 and "requested URL" in str(error.description):\n'
        '        return Response("{}", 200, content_type="application/json")\n'
        "    response = Response(status=error.code,",
    ),
    fault(
        "missing_tag_error_in_200",
        "success_without_error",
        "GET of a tag that is not there answers 200 with an error in its body.",
        "tags.py",
        "    return dict(find_tag(tag_id))\n\n\n@bp.put",
        '    known = get_db().execute("SELECT 1 FROM tag WHERE id = ?", (tag_id,)).fetchone()\n'
        "    if known is None:\n"
        '        return {"error": {"code": "not_found", "message": "There is no such tag."}}\n'
        "    return dict(find_tag(tag_id))\n\n\n@bp.put",
    ),
    fault(
        "all_errors_200",
        "success_without_error",
        "Every error answers 200 and is told by its body alone.",
        "errors.py",
        "Response(status=error.code,",
        "Response(status=200,",
    ),
    fault(
        "review_of_any_book",
        "own_parent",
        "A review is found under every book, also for PUT and DELETE.",
        "reviews.py",
        '"SELECT * FROM review WHERE id = ? AND book_id = ?", (str(review_id), str(book_id))',
        '"SELECT * FROM review WHERE id = ?", (str(review_id),)',
        Edit(
            "reviews.py",
            "    row = find_review(book_id, review_id)\n    if row[",
            "    find_book(book_id)\n    row = find_review(book_id, review_id)\n    if row[",
        ),
    ),
    fault(
        "reviews_of_all_books",
        "own_parent",
        "The list of a book's reviews has those of all books.",
        "reviews.py",
        '"SELECT * FROM review WHERE book_id = ? ORDER',
        '"SELECT * FROM review WHERE book_id >= ? OR 1 ORDER',
        Edit(
            "reviews.py",
            'count(*) FROM review WHERE book_id = ?"',
            'count(*) FROM review WHERE book_id >= ? OR 1"',
        ),
    ),
)
