internal import DurableFiles
internal import Logging

/// Files left alone for the first time at a look: however many there are, one line reports them.
struct NewlyLeft {
  /// What cannot be done with a file.
  enum Kind: CaseIterable {
    case unreadable, unmovable
    /// It is not a regular file, and cannot be set aside.
    case odd

    var message: Logger.Message {
      switch self {
      case .unreadable: "drops cannot be read and stay in the inbox; they are tried again later"
      case .unmovable: "drops cannot be moved and stay in the inbox; they are tried again later"
      case .odd:
        "something in the inbox is not a regular file and cannot be moved to the folder of failed files; remove it"
      }
    }
  }

  struct Left {
    var count: Int
    /// The first of them, and why.
    var name: FileName
    var failure: FileFailure
  }

  private var left: [Kind: Left] = [:]

  mutating func add(_ name: FileName, _ failure: FileFailure, _ kind: Kind) {
    left[kind, default: Left(count: 0, name: name, failure: failure)].count += 1
  }

  /// Returns and forgets them.
  mutating func take() -> [(Kind, Left)] {
    defer { left = [:] }
    return Kind.allCases.compactMap { kind in left[kind].map { (kind, $0) } }
  }
}
