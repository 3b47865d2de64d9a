/** The pure core: what a Matter fabric should be, as data, and the contracts of kinds, transports and stores. */
export {
    AccessControl,
    BasicInformation,
    Binding,
    Descriptor,
    GeneralCommissioning,
    GroupKeyManagement,
    Groups,
    OperationalCredentials,
} from "./clusters.js";
export type { CertificateRequest, CertificateStep, IssueStep, NonceStep, RenewSessionStep } from "./certificate-step.js";
export type { Change, Command, CommandResult, CommandValue, DatastoreCommand, FabricCommand, Formation, PassReport, TaskCommand } from "./command.js";
export type {
    AttributePath,
    DeviceAnswer,
    DeviceFields,
    DeviceRequest,
    DeviceValue,
    InvokeRequest,
    NotSentAnswer,
    ReadRequest,
    ResponseAnswer,
    StatusAnswer,
    UnknownAnswer,
    ValueAnswer,
    WriteRequest,
} from "./device.js";
export type { Effect, EventEffect, LaneRequest, ReplyEffect, RequestCause, RequestEffect, StoreEffect, WakeEffect } from "./effect.js";
export { ok, refuse, type ErrorCode, type Failure, type Result } from "./error.js";
export type { ItemEnd, ManagerEvent } from "./event.js";
export { identityText, nodeText, type ItemIdentity, type ItemKey, type KeyPart, type Slot } from "./identity.js";
export {
    endpointNumber,
    groupId,
    keySetId,
    nodeId,
    type Branded,
    type EndpointNumber,
    type EpochUs,
    type GroupId,
    type KeySetId,
    type NodeId,
} from "./ids.js";
export type { Input, InputBody } from "./input.js";
export { KeyMaterial, type Fingerprint } from "./key-material.js";
export {
    answerStatus,
    differs,
    done,
    failed,
    holds,
    unread,
    type Administrator,
    type CapacityObservation,
    type CapacityTable,
    type ItemClaim,
    type Kind,
    type KindAnswer,
    type KindCapacity,
    type LocalAnswer,
    type LocalStep,
    type Operation,
    type OperationContext,
    type OperationResult,
    type SiblingItem,
    type VerifyResult,
} from "./kind.js";
export { defaultTiming, Limits, type Timing } from "./limits.js";
export type { Quarantined } from "./loader.js";
export type { MachineOptions, Now } from "./machine.js";
export { classifyStatus, statusFailure, type FailureClass, type OperationFailure } from "./outcome.js";
export type { Clock, Entropy, Issuer, IssueResult, Store, Transport, TransportEvent } from "./ports.js";
export { openMachine, type PureMachine } from "./pure-machine.js";
export type {
    FabricIdentity,
    GroupKeySecurityPolicy,
    ItemFailure,
    ItemMode,
    ItemState,
    KeySetRecord,
    KeySetRevision,
    KeySlot,
    NotRestored,
    RunState,
} from "./records.js";
export { Status, statusName, type StatusCode } from "./status.js";
export type { DurableRecord, StoreBatch, StoreImage, StorePut, TableName } from "./store.js";
