internal import Events
internal import Failures
internal import Operations

/// Reports what happens to the files that `reprocess` and `discard` move, and counts them.
struct MovedFiles {
  let language: Language
  /// Whether to report only what would be moved.
  let isRehearsal: Bool
  let display: ProgressDisplay
  private(set) var moved = 0
  private(set) var refused = 0

  /// - Parameters:
  ///   - work: The activity, for the progress display.
  ///   - language: The language of the reports.
  ///   - isRehearsal: Whether to report only what would be moved.
  init(_ work: String, in language: Language, isRehearsal: Bool) {
    self.language = language
    self.isRehearsal = isRehearsal
    display = ProgressDisplay(work)
  }

  /// Reports what was moved for one file.
  mutating func report(_ moves: FileMover.Moves) {
    switch moves.record {
    case .moved(let source, let target): report(isRehearsal ? .wouldMoveRecord : .movedRecord, from: source, to: target)
    case .refused(let path, let why): refuse(path, why)
    case .gone, nil: break
    }
    switch moves.file {
    case .moved(let source, let target):
      moved += 1
      report(isRehearsal ? .wouldMove : .moved, from: source, to: target)
    case .gone(let path): print(Message(ActionMessage.gone, ["path": .text(path)]))
    case .refused(let path, let why): refuse(path, why)
    case nil: break
    }
    display.show(done: moved, of: nil)
  }

  private func report(_ code: ActionMessage, from source: String, to target: String) {
    print(Message(code, ["from": .text(source), "to": .text(target)]))
  }

  private func print(_ message: Message) { display.print(LogText.escaped(message.text(in: language))) }

  private mutating func refuse(_ path: String, _ why: Message) {
    refused += 1
    let message = Message(ActionMessage.notMoved, ["path": .text(path), "why": .message(why)])
    LineWriter.standardError.write(lines: [LogText.escaped("eventdrop: " + message.sentence(in: language))])
  }
}
