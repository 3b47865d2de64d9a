import { ModelTarget } from "../../conformance/targets/model-target.js";
import { openModule } from "../../conformance/targets/module-target.js";
import { PlainTarget } from "../../conformance/targets/plain-target.js";
import { StdioTarget } from "../../conformance/targets/stdio-target.js";
import type { Target } from "../../conformance/target.js";
import { UsageError } from "./usage-error.js";

/**
 * The target that was named.
 *
 * @throws UsageError UNKNOWN_TARGET
 */
export async function openTarget(name: string): Promise<Target> {
    const [kind, rest] = [name.split(":", 1)[0], name.includes(":") ? name.slice(name.indexOf(":") + 1) : ""];
    switch (kind) {
        case "model":
            return new ModelTarget();
        case "plain":
            return new PlainTarget();
        case "module":
            return openModule(rest);
        case "stdio":
            return StdioTarget.start(rest);
        case "embedded":
            throw new UsageError("UNKNOWN_TARGET", 'There is no server on a real matter.js node yet, which is to be the default target. Use --target model.');
        default:
            throw new UsageError("UNKNOWN_TARGET", `There is no target "${name}". Known: model, plain, module:<path>, stdio:<command>.`);
    }
}
