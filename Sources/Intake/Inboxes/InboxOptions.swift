package import DurableFiles
package import Events
package import SystemPackage
internal import Time

/// One inbox: what the configuration says about it.
package struct InboxOptions: Hashable, Sendable {
  package var name: String
  package var path: FilePath
  /// How long a file must not have changed.
  package var settle: Duration
  /// What is appended to a file's name for the file that says that it is complete.
  package var marker: String?
  package var include: [String]
  package var exclude: [String]
  /// Whether its sub-folders are inboxes as well.
  package var recursive: Bool
  /// In which character set its files are written.
  package var charset: Charset
  package var mapping: EventMapping
  /// Of a file that is read as a whole, in bytes.
  package var maxFileSize: Int
  /// How many events are stored behind one barrier, at most.
  package var portion: Int

  /// How long a file must have been left alone to take it that nobody writes to it, where the kernel cannot tell.
  static let quietTime = Duration.seconds(60)

  /// How long a record that is dropped while it lies in its partition must have been left alone before it is let go.
  ///
  /// `mv` from another file system copies a record and then removes it where it was: for a moment it is a duplicate of itself.
  static let moveTime = Duration.seconds(5)

  /// Whether it matters where a file is still being written when it is read.
  ///
  /// A file of lines can be read wherever its writer has come to, and what is written to it once it was let go is lost; of any
  /// other file, a part is no JSON and is kept. Where files are to be taken at once, or have markers, the senders see to it.
  func needsQuiet(_ name: some BidirectionalCollection<UInt8>) -> Bool {
    settle > .zero && marker == nil && DropFormat.of(fileName: name).format == .lines
  }

  /// How long a file must have been left alone before it is looked into.
  ///
  /// - Parameters:
  ///   - name: Its name.
  ///   - isOfThisMachineAlone: Whether the kernel can tell who writes to it.
  /// - Returns: The time; zero where it is looked into at once.
  package func settleTime(_ name: FileName, isOfThisMachineAlone: Bool) -> Duration {
    needsQuiet(name.bytes) && !isOfThisMachineAlone ? max(settle, Self.quietTime) : settle
  }

  package init(
    name: String, path: FilePath, settle: Duration, marker: String? = nil, include: [String], exclude: [String],
    recursive: Bool = false, charset: Charset = .utf8, mapping: EventMapping, maxFileSize: Int, portion: Int
  ) {
    self.name = name
    self.path = path
    self.settle = settle
    self.marker = marker
    self.include = include
    self.exclude = exclude
    self.recursive = recursive
    self.charset = charset
    self.mapping = mapping
    self.maxFileSize = maxFileSize
    self.portion = portion
  }
}
