import Events
import Settings
import SystemPackage

/// Reads a configuration with this text, as `config.yaml` in `/etc/eventdrop`.
func read(
  _ yaml: String, environment: [String: String] = [:], files: [String: String] = [:]
) throws(ConfigurationProblems) -> Configuration {
  try Configuration(
    yaml: Array(yaml.utf8), file: "config.yaml", folder: "/etc/eventdrop", environment: environment,
    readFile: { path in
      guard let text = files[path.string] else { throw Errno.noSuchFileOrDirectory }
      return Array(text.utf8)
    })
}

/// What is reported, one line each, without the file's name.
func problems(
  _ yaml: String, environment: [String: String] = [:], files: [String: String] = [:], in language: Language = .en
) -> [String] {
  do {
    _ = try read(yaml, environment: environment, files: files)
    return []
  } catch {
    return error.problems.map { "\($0.line):\($0.column): \($0.text(in: language))" }
  }
}
