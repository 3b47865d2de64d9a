import { ModelTarget } from "../targets/model-target.js";
import { PlainTarget } from "../targets/plain-target.js";
import { serveTarget } from "./serve-target.js";

/*
 * The reference of the adapter protocol: serves the model target, or the plain one if asked, on stdin and stdout.
 *
 *     selvage conform --target "stdio:node dist/conformance/stdio/reference-adapter.js"
 */
const target = process.argv[2] === "plain" ? new PlainTarget() : new ModelTarget();
await serveTarget(target, process.stdin, line => process.stdout.write(line));
