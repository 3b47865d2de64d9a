import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The version in the package's own `package.json`, wherever this file was compiled to. */
export function packageVersion(): string {
    for (let directory = dirname(fileURLToPath(import.meta.url)); ; directory = dirname(directory)) {
        const file = join(directory, "package.json");
        if (existsSync(file)) {
            return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
        }
        if (directory === dirname(directory)) {
            return "unknown";
        }
    }
}
