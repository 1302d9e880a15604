internal import Events
internal import Time

/// The word that a misspelt one was probably meant to be; nil where none is near.
///
/// Case, hyphens and underscores do not count, so that `max_events` finds `maxEvents`.
func nearestWord(to word: String, among candidates: [String]) -> String? {
  // The distance takes as many steps as the product of the lengths.
  guard word.utf8.count <= 64 else { return nil }
  let folded = word.folded
  let allowed = folded.count <= 3 ? 1 : max(2, folded.count / 4)
  // A word that is cut short, such as `warn`.
  if folded.count >= 3, let longer = candidates.first(where: { $0.folded.hasPrefix(folded) }) { return longer }
  return candidates.map { (distance: editDistance(folded, $0.folded), candidate: $0) }
    .filter { $0.distance <= allowed && $0.distance < $0.candidate.count }
    .min { $0.distance < $1.distance }?.candidate
}

/// What is said of a misspelt word; nil where none of those that there are is near.
func misspelt(_ word: String, for candidates: [String]) -> Message? {
  nearestWord(to: word, among: candidates).map { Message(HintMessage.misspelt, ["text": .text($0)]) }
}

extension String {
  fileprivate var folded: String { String(lowercased().filter { $0 != "_" && $0 != "-" }) }
}
