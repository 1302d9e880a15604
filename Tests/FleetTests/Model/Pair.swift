/// Two of a kind: one for each machine, or one for each event.
struct Pair<Element: Hashable>: Hashable {
  private var first: Element
  private var second: Element

  init(_ first: Element, _ second: Element) {
    self.first = first
    self.second = second
  }

  init(both element: Element) { self.init(element, element) }

  static var indices: Range<Int> { 0..<2 }

  subscript(index: Int) -> Element {
    get { index == 0 ? first : second }
    set {
      if index == 0 { first = newValue } else { second = newValue }
    }
  }
}
