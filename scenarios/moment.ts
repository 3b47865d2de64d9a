/** A place where a scenario holds the world: something has come this far and goes on when it is told to. */
export class Moment {
    /** Resolves when the world is there. */
    readonly reached: Promise<void>;
    readonly #released: Promise<void>;
    #reach!: () => void;
    #release!: () => void;

    constructor(
        /** For the error when the world never comes there. */
        readonly what: string,
    ) {
        this.reached = new Promise(resolve => (this.#reach = resolve));
        this.#released = new Promise(resolve => (this.#release = resolve));
    }

    /** Let it go on. */
    release(): void {
        this.#release();
    }

    /** The world is there; resolves when it may go on. */
    pass(): Promise<void> {
        this.#reach();
        return this.#released;
    }
}
