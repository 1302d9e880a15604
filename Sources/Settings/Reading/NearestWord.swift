internal import Events
internal import Time

/// The word that was probably meant by a misspelt one; nil if none is close.
///
/// Case, hyphens and underscores are ignored, so that `max_events` finds `maxEvents`.
func nearestWord(to word: String, among candidates: [String]) -> String? {
  // Computing the distance takes the product of the lengths in steps.
  guard word.utf8.count <= 64 else { return nil }
  let folded = word.folded
  let allowed = folded.count <= 3 ? 1 : max(2, folded.count / 4)
  // A truncated word, such as `warn`.
  if folded.count >= 3, let longer = candidates.first(where: { $0.folded.hasPrefix(folded) }) { return longer }
  return candidates.map { (distance: editDistance(folded, $0.folded), candidate: $0) }
    .filter { $0.distance <= allowed && $0.distance < $0.candidate.count }
    .min { $0.distance < $1.distance }?.candidate
}

/// The hint for a misspelt word; nil if no candidate is close.
func misspelt(_ word: String, for candidates: [String]) -> Message? {
  nearestWord(to: word, among: candidates).map { Message(HintMessage.misspelt, ["text": .text($0)]) }
}

extension String {
  fileprivate var folded: String { String(lowercased().filter { $0 != "_" && $0 != "-" }) }
}
