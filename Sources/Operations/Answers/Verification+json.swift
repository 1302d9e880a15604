package import Events
package import Maintenance

extension Finding {
  package func json(in language: Language) -> JSONOutput {
    .object([
      ("kind", .text(kind.rawValue)), ("path", .text(path)), ("message", .text(message.text(in: language))),
      ("mended", .flag(isMended)),
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
