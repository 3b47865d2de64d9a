#!/usr/bin/env node
import { runCommandLine } from "./command-line.js";

// Whoever reads may have seen enough, as in `selvage replay ... | head`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") {
        throw error;
    }
});

process.exitCode = await runCommandLine(process.argv.slice(2));
