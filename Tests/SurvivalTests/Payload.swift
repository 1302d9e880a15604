import ExactJSON

/// The content of an event: derived from its eventId alone, so that every byte of a record can be checked.
enum Payload {
  /// The bytes of `data`.
  static func data(of id: String) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in id.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    // Most are small; one in thirty is larger than a page, and than what a file system stores inside its inode.
    let size = hash % 30 == 0 ? 20_000 : Int(hash % 1500)
    let alphabet = Array("abcdefghijklmnopqrstuvwxyz 0123456789".utf8)
    var fill: [UInt8] = []
    for _ in 0..<size {
      hash = hash &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      fill.append(alphabet[Int(hash >> 33) % alphabet.count])
    }
    return #"{"of":"\#(id)", "fill":"\#(String(decoding: fill, as: UTF8.self))"}"#
  }

  /// Other `data` under the same eventId.
  static func otherData(of id: String) -> String { #"{"of":"\#(id)","other":true}"# }

  static func drop(_ id: String, data: String) -> String { #"{"id":"\#(id)","type":"t","data":\#(data)}"# }

  static func drop(_ id: String) -> String { drop(id, data: data(of: id)) }

  /// A record in eventdrop's form, of an earlier day.
  static func record(_ id: String, on day: String) -> String {
    let time = "\(day)T12:00:00.000Z"
    let source = #"{"inbox":"default","file":"old.json","sha256":"\#(String(repeating: "0", count: 64))","bytes":9}"#
    return #"{"eventId":"\#(id)","eventType":"t","processedAt":"\#(time)","data":\#(data(of: id)),"#
      + #""createdAt":"\#(time)","updatedAt":"\#(time)","source":\#(source)}"# + "\n"
  }

  /// The file name of a record with this eventId.
  static func recordName(of id: String) -> String {
    let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-".utf8)
    let digits = Array("0123456789ABCDEF")
    return id.utf8.reduce(into: "") { name, byte in
      if plain.contains(byte) {
        name.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        name += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
      }
    } + ".json"
  }

  /// Why these bytes are not the complete record for this name; nil if they are.
  static func flaw(of bytes: [UInt8], named name: String) -> String? {
    let start = Array(#"{"eventId":""#.utf8)
    guard !bytes.isEmpty else { return "empty" }
    guard bytes.starts(with: start), let id = id(in: bytes) else { return "\(bytes.count) bytes that are no record" }
    guard recordName(of: id) == name else { return "the record of \(id)" }
    let head = Array(#"{"eventId":"\#(id)","eventType":"t","processedAt":""#.utf8)
    guard bytes.starts(with: head), bytes.count > head.count + 25 else { return "a wrong begin" }
    let rest = bytes[(head.count + 24)...]
    let isWhole = [data(of: id), otherData(of: id)].contains {
      rest.starts(with: #"","data":\#($0),"createdAt":""#.utf8)
    }
    guard isWhole else { return "other data" }
    var document = JSONDocument()
    guard bytes.last == 0x0A, (try? document.scan(bytes.span)) != nil else { return "cut off" }
    return nil
  }

  /// The eventId that a record begins with.
  static func id(in record: [UInt8]) -> String? {
    let start = #"{"eventId":""#.utf8.count
    guard record.count > start, let end = record[start...].firstIndex(of: 0x22) else { return nil }
    return String(decoding: record[start..<end], as: UTF8.self)
  }

  /// The eventIds of the records in a request's body.
  static func ids(inBody body: [UInt8]) -> [String] {
    var document = JSONDocument()
    var ids: [String] = []
    guard (try? document.scan(body.span)) != nil else { return [] }
    for member in document.members where JSONText.name(of: member, in: body.span, equals: "events") {
      var records: [JSONValue] = []
      JSONText.elements(of: member.value, in: body.span, into: &records)
      ids += records.compactMap { id(in: Array(body[$0.range])) }
    }
    return ids
  }
}
