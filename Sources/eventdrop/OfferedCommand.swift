internal import Catalog
internal import Events

// Suggested commands: run as printed, they do what is promised, with the configuration named here.
extension ConfigurationOption {
  /// A command to run.
  ///
  /// - Parameters:
  ///   - name: The command.
  ///   - id: The eventId, or the file's name, that it applies to.
  ///   - options: Further arguments, used verbatim.
  /// - Returns: A line for a shell.
  func command(_ name: String, _ id: String? = nil, _ options: String...) -> String {
    var words = ["eventdrop", name] + configuration
    guard let id else { return (words + options).joined(separator: " ") }
    // A leading dash would make it an option.
    words += options + (id.utf8.first == UInt8(ascii: "-") ? ["--"] : []) + [ShellWord.quoted(id)]
    return words.joined(separator: " ")
  }

  /// A sentence whose commands use the configuration named here.
  func offering(_ text: String) -> String {
    guard !configuration.isEmpty else { return text }
    // The commands that take a configuration.
    let commands =
      /\beventdrop (?:run|init|check|test|status|tail|list|show|diff|report|reprocess|discard|flush|prune|verify|reindex|import|notify)\b(?! --config)/
    return text.replacing(commands) { match in "\(match.output) \(configuration.joined(separator: " "))" }
  }

  /// Why a command could not continue, with advice.
  func failure(_ error: StorageError, in language: Language) -> CommandFailure {
    CommandFailure(.unfinished, sentence(error, in: language))
  }

  /// Reports the folders that could not be read, after what the others say.
  ///
  /// - Throws: `CommandFailure` if there are any.
  func requireWhole(_ index: EventIndex, in language: Language) throws(CommandFailure) {
    guard !index.unread.isEmpty else { return }
    throw CommandFailure(
      .unfinished, lines: index.unread.map { "eventdrop: " + sentence($0.error, in: language) })
  }

  private func sentence(_ error: StorageError, in language: Language) -> String {
    offering("\(error); \(error.adviceMessage.text(in: language))")
  }

  private var configuration: [String] {
    config.map { ["--config", ShellWord.quoted($0.utf8.first == UInt8(ascii: "-") ? "./\($0)" : $0)] } ?? []
  }
}
