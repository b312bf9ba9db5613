// Reads an AsyncAPI document from standard input and prints, as JSON, what the official parser finds wrong with it.
import { createRequire } from "node:module";

const { Parser } = createRequire(process.argv[2] + "/")("@asyncapi/parser");
let text = "";
for await (const part of process.stdin) text += part;
const diagnostics = await new Parser().validate(text);
console.log(
  JSON.stringify(
    diagnostics.map(({ code, severity, message, path }) => ({ code, severity, message, path: path.join(".") })),
  ),
);
