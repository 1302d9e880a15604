internal import SystemPackage

/// What all sections of a configuration share while it is read.
final class Reading {
  let log = ProblemLog()
  /// The folder of the file.
  let folder: FilePath
  /// Every key that was asked for, in order, dotted: `inboxes[].charset`.
  var knownKeys: [String] = []
  /// Those of them that the file has a value for.
  var givenKeys: Set<String> = []
  private var interpolation: Interpolation

  init(folder: FilePath, environment: [String: String], readFile: @escaping (FilePath) throws -> [UInt8]) {
    self.folder = folder
    interpolation = Interpolation(environment: environment, folder: folder, log: log, readFile: readFile)
  }

  func replacingReferences(in node: YAMLNode) -> YAMLNode {
    interpolation.replace(in: node)
  }
}
