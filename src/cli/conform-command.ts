import { readFileSync } from "node:fs";
import { Command } from "commander";
import { cases } from "../../conformance/cases/index.js";
import type { ConformanceCase } from "../../conformance/conformance-case.js";
import { ExpectationsError, parseExpectations, surprisesOf, type Expectation } from "../../conformance/expectations.js";
import { defaultProfile, profileSwitches, type Profile, type ProfileSwitch } from "../../conformance/profile.js";
import { noteworthyLine, resultTable } from "../../conformance/reports/table.js";
import { summaryOf, type Summary } from "../../conformance/reports/summary.js";
import { resultLine, summaryLine } from "../../conformance/reports/ndjson.js";
import { runCases } from "../../conformance/runner.js";
import { durationMs } from "./arguments.js";
import { openTarget } from "./conform-target.js";
import { reportKinds, writeReports } from "./conform-reports.js";
import { ExitCode } from "./exit-code.js";
import type { Finish } from "./finish.js";
import { Progress } from "./progress.js";
import { UsageError } from "./usage-error.js";

interface ConformFlags {
    readonly target: string;
    readonly filter?: string;
    readonly level?: string;
    readonly list?: boolean;
    readonly expect?: string;
    readonly profile: Profile;
    readonly report: readonly string[];
    readonly out: string;
    readonly caseTimeout?: number;
    readonly runTimeout?: number;
    readonly json?: boolean;
    readonly progress?: boolean;
}

const SWITCHES = Object.entries(profileSwitches).map(([name, values]) => `${name}=${values.join("|")}`);

/** `selvage conform` */
export function conformCommand(finish: Finish): Command {
    return new Command("conform")
        .summary("run the conformance suite for the Joint Fabric Datastore (cluster 0x0752) against a server")
        .description(
            "Runs cases for each requirement of Matter 1.6, section 11.24, and tells requirement by requirement what holds. Where the specification is silent, " +
                "a server that does otherwise than the suite's default is reported as policy, never as a failure.",
        )
        .option(
            "-t, --target <target>",
            'the server: "model" (the pure datastore with simulated nodes), "plain" (the suite\'s own small server), "module:<path>" (a module that exports a target), ' +
                '"stdio:<command>" (a program that speaks the adapter protocol), or "embedded"',
            "embedded",
        )
        .option("-f, --filter <expression>", "only cases whose id, alias or requirement matches this regular expression: RKS, 11.24.7.3, R-065")
        .option("--level <level>", "only cases of this level: MUST or MAY")
        .option("-l, --list", "list the cases")
        .option("--expect <file>", "known failures, with reasons; unexpected passes are reported, too")
        .option("--profile <switch=value>", `what to take for right where the specification is silent (repeatable): ${SWITCHES.join("; ")}`, profileWith, defaultProfile)
        .option("--report <kinds>", `files to write: ${reportKinds.join(", ")}`, kinds => kinds.split(","), [])
        .option("--out <directory>", "where to write them", "selvage-report/conform")
        .option("--case-timeout <duration>", "for one case (default: 60s)", durationMs)
        .option("--run-timeout <duration>", "for all of them (default: 1h)", durationMs)
        .option("--json", "print NDJSON on stdout, a line for each case and one for the figures, and nothing else there")
        .option("--progress", "show progress even if stderr is no terminal")
        .action(async (flags: ConformFlags) => {
            const chosen = chosenCases(flags);
            if (flags.list === true) {
                console.log(chosen.map(each => (flags.json === true ? JSON.stringify(plain(each)) : listed(each))).join("\n"));
                return finish(ExitCode.OK);
            }
            finish(await conform(chosen, flags));
        });
}

async function conform(chosen: readonly ConformanceCase[], flags: ConformFlags): Promise<ExitCode> {
    const expectations = expectationsIn(flags.expect);
    const target = await openTarget(flags.target);
    const progress = new Progress(flags.progress);
    const startMs = Date.now();
    let count = 0;
    const results = await runCases(chosen, target, {
        profile: flags.profile,
        ...(flags.caseTimeout === undefined ? {} : { caseTimeoutMs: flags.caseTimeout }),
        ...(flags.runTimeout === undefined ? {} : { runTimeoutMs: flags.runTimeout }),
        onResult: result => {
            count++;
            progress.show(() => `${count} of ${chosen.length} cases: ${result.case.alias}`);
            const line = flags.json === true ? resultLine(result) : noteworthyLine(result);
            if (line !== undefined) {
                progress.done();
                console.log(line);
            }
        },
    });
    progress.done();
    await target.close();
    const surprises = surprisesOf(results, expectations);
    const summary = summaryOf(target.name, results, surprises);
    writeReports(flags.report, flags.out, { results, summary, times: { startMs, stopMs: Date.now() } });
    console.log(flags.json === true ? summaryLine(summary) : resultTable(results, summary, surprises, expectations));
    return exitCodeOf(summary);
}

function exitCodeOf({ errors, unexpectedFailures, unexpectedPasses }: Summary): ExitCode {
    if (errors > 0) {
        return ExitCode.UNUSABLE;
    }
    return unexpectedFailures > 0 ? ExitCode.VIOLATION : unexpectedPasses > 0 ? ExitCode.UNEXPECTED_PASS : ExitCode.OK;
}

function chosenCases({ filter, level }: ConformFlags): readonly ConformanceCase[] {
    if (level !== undefined && level !== "MUST" && level !== "MAY") {
        throw new UsageError("BAD_ARGUMENT", `There is no level "${level}". Known: MUST, MAY.`);
    }
    const expression = filterOf(filter);
    const chosen = cases.filter(
        each => (level === undefined || each.level === level) && [each.id, each.alias, ...each.reqs].some(name => expression.test(name)),
    );
    if (chosen.length === 0) {
        throw new UsageError("BAD_ARGUMENT", `No case matches ${filter ?? "this"}; "selvage conform --list" lists them.`);
    }
    return chosen;
}

function filterOf(filter = ""): RegExp {
    try {
        return new RegExp(filter);
    } catch (error) {
        throw new UsageError("BAD_ARGUMENT", `--filter is no regular expression: ${String(error)}`);
    }
}

function expectationsIn(file: string | undefined): readonly Expectation[] {
    if (file === undefined) {
        return [];
    }
    try {
        return parseExpectations(readFileSync(file, "utf8"));
    } catch (error) {
        const message = error instanceof ExpectationsError ? error.message : String(error);
        throw new UsageError("UNREADABLE_FILE", `${file}: ${message}`);
    }
}

function profileWith(given: string, profile: Profile): Profile {
    const [name = "", value = ""] = given.split("=");
    const values: readonly string[] | undefined = profileSwitches[name as ProfileSwitch];
    if (!(values?.includes(value) ?? false)) {
        throw new UsageError("BAD_ARGUMENT", `--profile ${given}: give one of ${SWITCHES.join("; ")}.`);
    }
    return { ...profile, [name]: value };
}

function plain({ id, alias, level, section, must, reqs, fixture, when, then }: ConformanceCase): object {
    return { id, alias, level, section, requirement: must, requirements: reqs, fixture, stimulus: when, expectation: then };
}

function listed({ id, alias, level, must, reqs }: ConformanceCase): string {
    return `${alias}  ${id}  ${level}  ${reqs.join(" ")}\n    ${must}`;
}
