package import DurableFiles

/// The number of entries in an inbox, counted without taking any.
package struct InboxCount: Sendable {
  /// All entries, except reports, markers and what is eventdrop's own.
  package private(set) var waiting = 0
  /// Those of them that the inbox takes by their names.
  package private(set) var drops = 0

  private let patterns: NamePatterns
  private let options: InboxOptions
  private var folders = 0

  /// Counts the entries of an inbox, including its sub-folders if it is recursive.
  ///
  /// - Parameter options: The inbox.
  /// - Throws: `FileFailure` if the folder cannot be read.
  package init(of options: InboxOptions) throws(FileFailure) {
    self.options = options
    patterns = NamePatterns(include: options.include, exclude: options.exclude)
    let root = try Folder(at: options.path, files: SystemFiles())
    try add(root, device: options.recursive ? root.status().device : 0, depth: 0)
  }

  private mutating func add(_ folder: Folder, device: UInt64, depth: Int) throws(FileFailure) {
    var inner: [FileName] = []
    try folder.forEachEntry { name, kind in
      guard !name.isOfOurClaims, name != UnnamedFile.spareFolder else { return }
      if kind == .folder {
        if options.recursive, !name.hasPrefix(".") { inner.append(name) } else { waiting += 1 }
        return
      }
      let isTaken = patterns.match(name)
      if name.isSidecar, !isTaken { return }
      if let marker = options.marker, name.hasSuffix(inAnyCase: marker) { return }
      waiting += 1
      if isTaken { drops += 1 }
    }
    for name in inner {
      // What cannot be looked into counts as one entry.
      guard depth < Subfolders.depthLimit, folders < Subfolders.limit, let found = try? folder.folder(name),
        (try? found.status())?.device == device
      else {
        waiting += 1
        continue
      }
      folders += 1
      do throws(FileFailure) {
        try add(found, device: device, depth: depth + 1)
      } catch {
        waiting += 1
      }
    }
  }
}
