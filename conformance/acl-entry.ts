import { equal, type Fields, type Value } from "./values.js";

/** Equal as access control entries: subjects and targets are sets, and an empty list is the same as null. */
export function sameAclEntry(one: Fields, other: Fields): boolean {
    return (
        one["privilege"] === other["privilege"] &&
        one["authMode"] === other["authMode"] &&
        sameSet(one["subjects"], other["subjects"]) &&
        sameSet(one["targets"], other["targets"])
    );
}

function sameSet(one: Value, other: Value): boolean {
    const [left, right] = [one, other].map(list => (list ?? []) as readonly Value[]) as [readonly Value[], readonly Value[]];
    return left.length === right.length && left.every(entry => right.some(each => equal(each, entry))) && right.every(entry => left.some(each => equal(each, entry)));
}
