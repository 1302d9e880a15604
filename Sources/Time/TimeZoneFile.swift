internal import Glibc

extension TimeZoneRules {
  /// Reads a zone of the system's time zone database (TZif, RFC 9636).
  ///
  /// The database is searched for in `$TZDIR`, `/usr/share/zoneinfo` and `/usr/lib/zoneinfo`. `UTC` does not need it.
  ///
  /// - Parameter identifier: The zone's name.
  /// - Throws: `TimeZoneError`.
  package init(identifier: String) throws(TimeZoneError) {
    guard !["UTC", "Etc/UTC", "Z"].contains(identifier) else {
      self = .utc
      return
    }
    let folders = zoneFolders()
    guard !folders.isEmpty else { throw .noDatabase }
    let parts = identifier.split(separator: "/", omittingEmptySubsequences: false)
    let isPlain = parts.allSatisfy { part in
      !part.isEmpty && part.utf8.allSatisfy { $0.isPlainInZoneName } && part.first != "."
    }
    guard isPlain else { throw .unknown(identifier, suggestion: nil) }
    for folder in folders {
      guard let bytes = readWholeFile("\(folder)/\(identifier)") else { continue }
      guard let rules = TimeZoneRules(identifier: identifier, tzif: bytes) else { throw .unreadable(identifier) }
      self = rules
      return
    }
    throw .unknown(identifier, suggestion: nearestZone(to: identifier, in: folders))
  }

  /// Parses TZif; nil if it is invalid.
  init?(identifier: String, tzif bytes: [UInt8]) {
    var reader = TZifReader(bytes: bytes)
    guard let version = reader.header() else { return nil }
    if version.number >= 2 {
      // The first block has 32-bit times, for old readers.
      reader.position += version.bodySize(timeSize: 4)
      guard let header = reader.header() else { return nil }
      self.init(identifier: identifier, header: header, timeSize: 8, &reader)
    } else {
      self.init(identifier: identifier, header: version, timeSize: 4, &reader)
    }
  }

  private init?(identifier: String, header: TZifHeader, timeSize: Int, _ reader: inout TZifReader) {
    guard header.types > 0, reader.bytes.count - reader.position >= header.bodySize(timeSize: timeSize) else {
      return nil
    }
    let times = (0..<header.times).compactMap { _ in reader.integer(timeSize) }
    let kinds = (0..<header.times).compactMap { _ in reader.integer(1) }
    let types = (0..<header.types).compactMap { _ -> Int? in
      let offset = reader.integer(4)
      reader.position += 2
      return offset.map { Int($0) }
    }
    guard types.count == header.types, let first = types.first else { return nil }
    reader.position += header.characters + header.leaps * (timeSize + 4) + header.standard + header.universal
    var transitions: [Transition] = []
    for (time, kind) in zip(times, kinds) {
      let index = Int(kind & 0xFF)
      guard index < types.count, transitions.last.map({ $0.time < time }) ?? true else { return nil }
      transitions.append(Transition(time: time, offset: types[index]))
    }
    self.init(
      identifier: identifier, transitions: transitions, initialOffset: first,
      continuation: timeSize == 8 ? reader.footer().flatMap(PosixRules.init) : nil)
  }
}

/// Why a time zone is not available; its sentences are with all others, in `FormatMessage`.
package enum TimeZoneError: Error, Hashable, Sendable {
  case unknown(String, suggestion: String?)
  case unreadable(String)
  case noDatabase
}

/// The counts at the head of a TZif block (RFC 9636, section 3.1).
private struct TZifHeader {
  var number: Int
  var universal: Int
  var standard: Int
  var leaps: Int
  var times: Int
  var types: Int
  var characters: Int

  func bodySize(timeSize: Int) -> Int {
    times * (timeSize + 1) + types * 6 + characters + leaps * (timeSize + 4) + standard + universal
  }
}

private struct TZifReader {
  let bytes: [UInt8]
  var position = 0

  mutating func header() -> TZifHeader? {
    guard bytes.count - position >= 44, bytes[position..<(position + 4)].elementsEqual("TZif".utf8) else { return nil }
    let version = bytes[position + 4]
    position += 20
    let counts = (0..<6).compactMap { _ in integer(4) }
    // A real one has a few hundred of each; more cannot be a zone.
    guard counts.count == 6, counts.allSatisfy({ (0...100_000).contains($0) }) else { return nil }
    return TZifHeader(
      number: version == 0 ? 1 : Int(version) - 0x30, universal: Int(counts[0]), standard: Int(counts[1]),
      leaps: Int(counts[2]), times: Int(counts[3]), types: Int(counts[4]), characters: Int(counts[5]))
  }

  /// A signed big-endian number.
  mutating func integer(_ size: Int) -> Int64? {
    guard position >= 0, bytes.count - position >= size else { return nil }
    var value: UInt64 = 0
    for byte in bytes[position..<(position + size)] { value = value << 8 | UInt64(byte) }
    position += size
    let unused = 64 - size * 8
    return Int64(bitPattern: value << UInt64(unused)) >> Int64(unused)
  }

  /// The text between the two line breaks after the second block.
  func footer() -> [UInt8]? {
    guard position < bytes.count, bytes[position] == 0x0A, let end = bytes[(position + 1)...].firstIndex(of: 0x0A)
    else {
      return nil
    }
    return Array(bytes[(position + 1)..<end])
  }
}

private func zoneFolders() -> [String] {
  let named = getenv("TZDIR").map { [String(cString: $0)] } ?? []
  return (named + ["/usr/share/zoneinfo", "/usr/lib/zoneinfo"]).filter { access($0, R_OK) == 0 }
}

// The time zone database belongs to the system, like a library's code: its files are read here, not through the
// interface that events pass through.
private func readWholeFile(_ path: String) -> [UInt8]? {
  guard let file = fopen(path, "rbe") else { return nil }
  defer { fclose(file) }
  var bytes = [UInt8](repeating: 0, count: 1 << 20)
  let count = fread(&bytes, 1, bytes.count, file)
  guard count > 0, ferror(file) == 0 else { return nil }
  return Array(bytes[..<count])
}

/// The zone with the most similar name in the database's own list.
private func nearestZone(to wanted: String, in folders: [String]) -> String? {
  for folder in folders {
    guard let list = readWholeFile("\(folder)/tzdata.zi") ?? readWholeFile("\(folder)/zone1970.tab") else { continue }
    var names: Set<String> = []
    for line in String(decoding: list, as: UTF8.self).split(separator: "\n") {
      for word in line.split(whereSeparator: { $0 == " " || $0 == "\t" }) where word.contains("/") {
        names.insert(String(word))
      }
    }
    let near = names.map { (distance: editDistance(wanted.lowercased(), $0.lowercased()), name: $0) }
      .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
    if let near, near.distance <= max(2, wanted.utf8.count / 4) { return near.name }
  }
  return nil
}

/// The number of characters to insert, delete or replace to turn one text into the other.
package func editDistance(_ left: String, _ right: String) -> Int {
  let left = Array(left)
  let right = Array(right)
  var row = Array(0...right.count)
  for (i, character) in left.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, other) in right.enumerated() {
      let above = row[j + 1]
      row[j + 1] = min(above + 1, row[j] + 1, diagonal + (character == other ? 0 : 1))
      diagonal = above
    }
  }
  return row[right.count]
}

extension UInt8 {
  fileprivate var isPlainInZoneName: Bool {
    switch self {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2D, 0x5F, 0x2E: true
    default: false
    }
  }
}
