// Every mail against HTML itself (html-validate) and against what mail programs can do (the data of
// caniemail.com). `make mails` installs both and gives the folders.

import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [folder, modules] = process.argv.slice(2);
const from = createRequire(pathToFileURL(`${modules}/package.json`));
const { HtmlValidate, StaticConfigLoader } = await import(pathToFileURL(from.resolve("html-validate")));
const { caniemail } = await import(pathToFileURL(`${modules}/node_modules/caniemail/dist/index.js`));

// Of Thunderbird, which shows what Firefox shows, the package lacks some data.
const CLIENTS = ["gmail.*", "apple-mail.*", "outlook.*", "yahoo.*", "samsung-email.*", "protonmail.*"];

// What some program does not do, and why a letter is as good without it there.
const MAY_BE_MISSING = new Map([
  ["colours in the dark, and larger letters on a phone: without them the mail is the light one", [
    "@media", "<style> element", "Class selector", "ID selector", "Type selector", "Attribute selector",
    "Child combinator", "Descendant combinator", "Chaining selectors", "!important keyword", "transform",
  ]],
  ["rounded corners, and how a button feels", ["border-radius", "cursor", "outline", "overflow", "word-break", "word-spacing"]],
  ["the preheader: Outlook hides it by mso-hide", ["display:none"]],
  ["a fixed width stands beside it as an attribute", ["max-width", "height property", "table-layout"]],
  ["a window of its own is the usual one in mail", ["target attribute"]],
  ["for screen readers, where there is one", ["role attribute", "aria-label attribute"]],
  ["a link stays a link", ["text-decoration"]],
  ["taken off by the program, which has a body of its own", ["<body> element"]],
]);
const known = new Set([...MAY_BE_MISSING.values()].flat());

// Tables and their attributes are how mail programs lay out.
const validator = new HtmlValidate(
  new StaticConfigLoader({ extends: ["html-validate:standard"], elements: ["html5"], rules: { "no-deprecated-attr": "off" } }),
);
const problems = [];
const files = readdirSync(folder).filter((name) => name.endsWith(".html"));
for (const name of files) {
  const html = readFileSync(`${folder}/${name}`, "utf8");
  for (const { messages } of (await validator.validateString(html)).results) {
    for (const one of messages) problems.push(`${name}:${one.line}: ${one.message} (${one.ruleId})`);
  }
  for (const [client, issues] of caniemail({ clients: CLIENTS, html }).issues.errors) {
    for (const { title } of issues) {
      if (!known.has(title)) problems.push(`${name}: ${client} does not know ${title}`);
    }
  }
}
for (const one of new Set(problems)) console.error(one);
console.log(`${files.length} mails, ${problems.length} problems.`);
process.exit(problems.length ? 1 : 0);
