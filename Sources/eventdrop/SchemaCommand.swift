internal import ArgumentParser
internal import Operations
internal import Settings

struct SchemaCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Print the JSON Schema of config.yaml, for editors.",
    discussion: """
      With it, editors complete keys and mark mistakes: eventdrop schema > eventdrop.schema.json, and as the first line \
      of config.yaml: # yaml-language-server: $schema=eventdrop.schema.json
      """)

  func run() async throws {
    LineWriter.standardOutput.write(lines: Configuration.schema.split(separator: "\n").map(String.init))
  }
}
