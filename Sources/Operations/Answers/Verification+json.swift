package import EventStore

extension Finding {
  package var json: JSONOutput {
    .object([
      ("kind", .text(kind.rawValue)), ("path", .text(path)), ("message", .text(message)), ("mended", .flag(isMended)),
    ])
  }
}

extension VerificationSummary {
  package var json: JSONOutput {
    .object([
      ("partitions", .number(partitions)), ("records", .number(records)),
      ("acknowledgements", .number(acknowledgements)), ("findings", .number(findings)), ("mended", .number(mended)),
      ("claimed", .number(claimed)),
    ])
  }
}
