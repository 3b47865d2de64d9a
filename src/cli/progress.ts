import pc from "picocolors";

/** Lines for those who wait, on stderr; on a terminal they overwrite each other. */
export class Progress {
    #nextMs = 0;
    #isLineOpen = false;

    /** @param isOn by default, when stderr is a terminal */
    constructor(private readonly isOn: boolean = process.stderr.isTTY) {}

    /** Shows the text, unless the last one is too young; so call it as often as you like. */
    show(text: () => string): void {
        const now = performance.now();
        if (!this.isOn || now < this.#nextMs) {
            return;
        }
        const isTerminal = process.stderr.isTTY;
        this.#nextMs = now + (isTerminal ? 100 : 2000);
        this.#isLineOpen = isTerminal;
        process.stderr.write(isTerminal ? `\r\x1b[K${pc.dim(text())}` : `${text()}\n`);
    }

    /** Wipes the line away: something else is to be printed. */
    done(): void {
        if (this.#isLineOpen) {
            process.stderr.write("\r\x1b[K");
            this.#isLineOpen = false;
        }
    }
}
