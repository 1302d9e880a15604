extension Unicode.Scalar {
  /// Whether a reader can see it, and it does not end a line, control a terminal, or change the direction of the text.
  ///
  /// Whatever is not visible is escaped in everything that eventdrop itself writes. A space is visible. The ranges are
  /// the controls (Cc), line and paragraph separators, everything with the property Default_Ignorable_Code_Point
  /// (Unicode 16, DerivedCoreProperties.txt), the interlinear marks, the blank Braille pattern, and the noncharacters.
  /// They are written out, because this is checked for every character.
  package var isVisible: Bool {
    switch value {
    case 0x20...0x7E: true
    case 0..<0xA0: false
    case 0xAD, 0x034F, 0x061C: false
    case 0x115F...0x1160, 0x17B4...0x17B5, 0x180B...0x180F: false
    case 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F: false
    case 0x2800, 0x3164, 0xFE00...0xFE0F, 0xFEFF, 0xFFA0, 0xFFF0...0xFFFB: false
    case 0x1BCA0...0x1BCA3, 0x1D173...0x1D17A: false
    case 0xE0000...0xE0FFF: false
    // Noncharacters.
    case 0xFDD0...0xFDEF: false
    case let value where value & 0xFFFE == 0xFFFE: false
    default: true
    }
  }
}
