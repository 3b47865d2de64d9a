import type { Command } from "commander";
import type { ExitCode } from "./exit-code.js";

/** A command's action ends with this rather than by exiting, so that output is flushed. */
export type Finish = (code: ExitCode) => void;

/** What the user typed, the command's name included. */
export function argvOf(command: Command): readonly string[] {
    const { rawArgs } = (command.parent ?? command) as Command & { readonly rawArgs: readonly string[] };
    return rawArgs;
}
