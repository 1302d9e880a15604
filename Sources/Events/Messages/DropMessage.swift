/// What is wrong with an event, or what happened to it on its way to a record.
package enum DropMessage: String, MessageCode {
  // The text.
  case invalidJSON = "invalid-json"
  case invalidArray = "invalid-json-in-array"
  case invalidArrayInTrial = "invalid-json-in-array-of-trial"
  case tooDeep = "too-deep"
  case elementMissing = "array-element-missing"
  case documentMissing = "array-document-missing"
  case elementComma = "array-comma-missing"
  case afterArray = "array-more-after"
  case endInArray = "array-end"
  case endInDocument = "array-end-in-document"
  case object = "kind-object"
  case array = "kind-array"
  case string = "kind-string"
  case number = "kind-number"
  case boolean = "kind-boolean"
  case null = "kind-null"
  case notEvents = "not-events"
  case notAnObject = "not-an-object"
  // The event.
  case tooLarge = "event-too-large"
  case tooLargeToRead = "event-too-large-to-read"
  case duplicateMember = "duplicate-member"
  case missingEventId = "missing-event-id"
  case invalidEventId = "invalid-event-id"
  case missingEventType = "missing-event-type"
  case invalidEventType = "invalid-event-type"
  // What is on record.
  case conflict = "conflict"
  case conflictOfTypes = "conflict-of-types"
  case conflictWithPruned = "conflict-with-pruned"
  case conflictOfInboxes = "conflict-of-inboxes"
  case conflictWithNode = "conflict-with-machine"
  case superseded = "superseded"
  case supersededPerhaps = "superseded-perhaps"
  case damagedAndReplaced = "record-damaged-and-replaced"
  case unreadableAndReplaced = "record-unreadable-and-replaced"
  case inTheWay = "record-name-taken"
  case damaged = "record-damaged"
  // What would happen to a drop.
  case wouldBeDuplicate = "would-be-duplicate"
  case wouldBeConflict = "would-be-conflict"
  case wouldBeKnown = "would-be-known-by-identity"
  // Of several events.
  case severalTogether = "failed-together"
  case severalLeft = "failed-left-in-file"

  package var arguments: [String] {
    switch self {
    case .invalidJSON, .invalidArray, .invalidArrayInTrial: ["why", "line", "column"]
    case .tooDeep: ["limit", "line", "column"]
    case .notEvents: ["kind"]
    case .notAnObject: ["index", "file", "kind"]
    case .tooLarge: ["bytes", "limit"]
    case .tooLargeToRead: ["index", "bytes", "limit"]
    case .duplicateMember: ["member", "line", "column"]
    case .missingEventId, .missingEventType: ["places"]
    case .conflict: ["eventId", "record", "diff", "replace"]
    case .conflictOfTypes: ["eventId", "record", "eventType", "diff", "replace"]
    case .conflictOfInboxes: ["eventId", "inbox", "file"]
    case .conflictWithNode: ["eventId", "node"]
    case .unreadableAndReplaced: ["why"]
    case .inTheWay: ["why", "path"]
    case .superseded, .supersededPerhaps: ["diff", "replace", "discard"]
    case .wouldBeDuplicate, .wouldBeConflict: ["time"]
    case .severalTogether, .severalLeft: ["count", "first"]
    default: []
    }
  }

  package var english: MessageWords {
    switch self {
    case .invalidJSON: "the text is not valid JSON: {why}, at line {line}, column {column}"
    case .invalidArray:
      "the text is not valid JSON: {why}, at line {line}, column {column}. The events before that place are stored"
    case .invalidArrayInTrial:
      MessageWords(
        "the text is not valid JSON: {why}, at line {line}, column {column}. The events before that place would be stored"
      )
    case .tooDeep: "the event is nested deeper than {limit}, at line {line}, column {column}"
    case .elementMissing: "an element is missing"
    case .documentMissing: "a document is missing"
    case .elementComma: "there is no comma between two elements"
    case .afterArray: "there is something after the array"
    case .endInArray: "the file ends inside an array"
    case .endInDocument: "the file ends inside a document"
    case .object: "an object"
    case .array: "an array"
    case .string: "a string"
    case .number: "a number"
    case .boolean: "a boolean"
    case .null: "null"
    case .notEvents: "the file holds {kind}, not an event (a JSON object) or an array of events"
    case .notAnObject: "event {index} of {file} is {kind}, not a JSON object"
    case .tooLarge: "the event has {bytes} bytes, more than maxEventSize allows ({limit})"
    case .tooLargeToRead: "event {index} has {bytes} bytes, more than maxEventSize allows ({limit})"
    case .duplicateMember:
      MessageWords(
        "the member that gives {member} stands in the event twice, the second time at line {line}, column {column}: nobody"
          + " knows which one counts")
    case .missingEventId:
      "the event has no eventId: there is nothing at {places}. Set the inbox's eventId to where it stands"
    case .invalidEventId:
      "the eventId is neither an integer nor a string of 1 to 512 bytes without control characters"
    case .missingEventType:
      MessageWords(
        "the event has no eventType: there is nothing at {places}. Set the inbox's eventType to where it stands, or"
          + " eventTypeDefault")
    case .invalidEventType: "the eventType is not a string of 1 to 256 bytes"
    case .conflict:
      MessageWords(
        "the eventId '{eventId}' belongs to another event: {record} has other data. The record stays; see what differs:"
          + " {diff}. If this file is the right one, put it in the record's place: {replace}")
    case .conflictOfTypes:
      MessageWords(
        "the eventId '{eventId}' belongs to another event: {record} has the eventType '{eventType}'. The record stays; see"
          + " what differs: {diff}. If this file is the right one, put it in the record's place: {replace}")
    case .conflictWithPruned:
      MessageWords(
        "an event with this eventId was stored before, with other data, and its record has been pruned since. If this one"
          + " is right, give it an eventId of its own")
    case .conflictWithNode:
      MessageWords(
        "the eventId '{eventId}' belongs to another event, whose record the machine '{node}' has. The record stays. If this"
          + " file is the right one, move that record away on '{node}', and drop this file there; otherwise discard it")
    case .conflictOfInboxes:
      MessageWords(
        "the eventId '{eventId}' belongs to an event of the inbox '{inbox}', which has failed and lies in {file}. If this"
          + " file is the right one, move that one away and this one back into the inbox; if the inboxes number their events"
          + " independently, set eventIdPrefix")
    case .superseded:
      MessageWords(
        "this file waited here until the event was dropped again, with other data, and stored. See what differs: {diff}. If"
          + " this file is the right one, put it in the record's place: {replace}; otherwise take it away: {discard}")
    case .supersededPerhaps:
      MessageWords(
        "this file waited here until the event was dropped again, perhaps with other data, and stored. See what differs:"
          + " {diff}. If this file is the right one, put it in the record's place: {replace}; otherwise take it away:"
          + " {discard}")
    case .damagedAndReplaced:
      "the record is damaged: it is not what was written. The event was dropped again and has a new record"
    case .unreadableAndReplaced:
      MessageWords(
        "what lies at the record's name cannot be read as a record ({why}). The event was dropped again and has a new"
          + " record")
    case .inTheWay:
      MessageWords(
        "something lies in the way of the event's record, and can neither be read nor moved ({why}). Move {path} away; this"
          + " file is then stored at its next attempt")
    case .damaged:
      MessageWords(
        "the record is damaged: it is not what was written, and cannot be forwarded. Drop the event again, or mend this file"
          + " and move it into an inbox")
    case .wouldBeDuplicate:
      "it was processed{time| on #}, with the same eventType and data; it would be removed"
    case .wouldBeConflict:
      "it was processed{time| on #}, with another eventType or other data; it would go to failed/"
    case .wouldBeKnown:
      "it was processed, and its record is pruned; with the same data it is a duplicate, else a conflict"
    case .severalTogether:
      MessageWords(
        "{count|1 event that failed lies|# events that failed lie} together in this file, one a line, each for a reason of"
          + " its own. Of the first: {first}")
    case .severalLeft:
      MessageWords(
        "of the events of this file, {count} failed and stay in it, as there are too many bytes of them to be files of"
          + " their own. Its other events are stored, or lie beside it. Of the first: {first}")
    }
  }
}
