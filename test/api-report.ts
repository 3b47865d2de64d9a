import { Extractor, ExtractorConfig, ExtractorLogLevel, type ExtractorMessage } from "@microsoft/api-extractor";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What is known of the public API of one entry point. */
export interface ApiReport {
    /** All exported declarations, as Markdown. */
    readonly text: string;
    /** The names it exports. */
    readonly exports: readonly string[];
    /** Exported names without a doc comment. Members are left to judgement: what `close()` does may be said by its name. */
    readonly undocumented: readonly string[];
    /** Names that the declarations mention and that this entry point does not export. */
    readonly unexported: readonly string[];
}

const EXPORT = /^export (?:(?:abstract|const|declare) )*(?:(?:class|enum|function|interface|namespace|type|let) )?(\w+)/gm;
const UNDOCUMENTED = new RegExp(`^// @.*\\(undocumented\\)\n${EXPORT.source.slice(1)}`, "gm");

/**
 * Describe an entry point from its emitted declarations.
 *
 * @param root the repository
 * @param name what the report is called, e.g. `selvage-core`
 * @param declarations the `.d.ts` of the entry point
 */
export function apiReport(root: string, name: string, declarations: string): ApiReport {
    if (!existsSync(declarations)) throw new Error(`${declarations} is missing; run "npm run build", or write the entry point.`);
    const folder = mkdtempSync(join(tmpdir(), "selvage-api-"));
    try {
        const unexported: string[] = [];
        const config = extractorConfig(root, name, declarations, folder);
        Extractor.invoke(config, {
            localBuild: true,
            messageCallback: message => {
                message.logLevel = ExtractorLogLevel.None;
                if (message.messageId === "ae-forgotten-export") unexported.push(symbolName(message));
            },
        });
        const text = readFileSync(join(folder, `${name}.api.md`), "utf8");
        return { text, exports: names(text, EXPORT), undocumented: names(text, UNDOCUMENTED), unexported: unexported.sort() };
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

function names(report: string, pattern: RegExp): string[] {
    return [...report.matchAll(pattern)].map(match => match[1] ?? "");
}

function extractorConfig(root: string, name: string, declarations: string, folder: string): ExtractorConfig {
    const shown = { logLevel: ExtractorLogLevel.Warning, addToApiReportFile: false };
    return ExtractorConfig.prepare({
        configObjectFullPath: undefined,
        packageJsonFullPath: join(root, "package.json"),
        configObject: {
            projectFolder: root,
            newlineKind: "lf",
            mainEntryPointFilePath: declarations,
            compiler: { tsconfigFilePath: join(root, "tsconfig.json") },
            apiReport: { enabled: true, reportFileName: `${name}.api.md`, reportFolder: folder, reportTempFolder: join(folder, "temp") },
            docModel: { enabled: false },
            dtsRollup: { enabled: false },
            messages: {
                compilerMessageReporting: { default: shown },
                extractorMessageReporting: {
                    default: { logLevel: ExtractorLogLevel.None },
                    "ae-forgotten-export": shown,
                },
                tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
            },
        },
    });
}

function symbolName(message: ExtractorMessage): string {
    return /"(.*?)"/.exec(message.text)?.[1] ?? message.text;
}
