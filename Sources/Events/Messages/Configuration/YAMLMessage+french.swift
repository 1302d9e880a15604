extension YAMLMessage {
  package var french: MessageWords {
    switch self {
    case .fileTooLarge:
      MessageWords("une configuration de plus de 1 Mio n’est pas lue", advice: "celle-ci a {count} octets")
    case .noUTF8: MessageWords("ce n’est pas de l’UTF-8", advice: "enregistrez le fichier en UTF-8")
    case .control: "le caractère de commande U+{code} n’est pas admis ici"
    case .byteOrderMark:
      MessageWords(
        "une marque d’ordre des octets invisible, U+FEFF, se trouve ici, alors qu’elle n’a sa place qu’au début d’un"
          + " fichier",
        advice: "supprimez-la ; elle reste souvent là où des fichiers ont été mis bout à bout")
    case .lineSeparator:
      MessageWords(
        "un séparateur de ligne invisible, U+{code}, se trouve ici",
        advice: "remplacez-le par un saut de ligne ordinaire")
    case .noMemory: "la mémoire ne suffit pas pour lire la configuration"
    case .notYAML: "ce n’est pas du YAML : {why}"
    case .other: "libyaml répond « {said} »{line| (début : ligne #)}"
    case .tab: MessageWords("il y a ici une tabulation", advice: "indentez avec des espaces, pas avec une tabulation")
    case .hiddenCharacter:
      MessageWords("un caractère invisible, U+{code}, se trouve ici", advice: "supprimez-le")
    case .oddSpace:
      MessageWords(
        "l’espace qui se trouve ici est U+{code}, et non une espace ordinaire", advice: "retapez cette espace")
    case .quotesForStar:
      #"une valeur qui commence par « * » se met entre guillemets, comme "*.json" ou "*/5 * * * *""#
    case .quotesForAt: #"une valeur qui commence par « @ » se met entre guillemets, comme "@filename""#
    case .quotesForCharacter: "une valeur qui commence par « {character} » se met entre guillemets"
    case .quotes: "une valeur qui commence ainsi se met entre guillemets"
    case .colon:
      MessageWords(
        "il y a ici un « : » là où aucune clé ne peut se trouver",
        advice: "mettez entre guillemets une valeur qui contient « : » suivi d’une espace, et indentez de la même façon"
          + " les clés qui vont ensemble")
    case .noKey:
      "ce n’est ni une clé suivie de « : » et d’une espace, comme « timezone: UTC », ni la suite d’une valeur"
    case .openQuote:
      MessageWords(
        "le guillemet ouvert ici n’est jamais fermé", advice: "mettez le même à la fin de la valeur")
    case .openList:
      MessageWords("il manque avant ceci une « , » ou le « ] » d’une liste", advice: Self.quotesForBrackets)
    case .openMapping:
      MessageWords("il manque avant ceci une « , » ou le « } » final", advice: Self.quotesForBrackets)
    case .noContent: "il manque ici une valeur, ou un crochet ouvert avant n’est jamais fermé"
    case .keyExpected:
      MessageWords(
        "il faut ici une clé",
        advice: "indentez-la comme les clés qui vont avec elle, et ne mettez rien après une valeur qui finit par un"
          + " guillemet")
    case .dashExpected:
      MessageWords(
        "il faut ici un « - », comme devant les autres éléments de cette liste",
        advice: "indentez de la même façon les clés d’un même élément")
    case .dash: MessageWords("un « - » n’a pas sa place ici", advice: "commencez la liste sur sa propre ligne")
    case .escape:
      MessageWords(
        #"entre guillemets doubles, « \ » et ce qui le suit désignent un autre caractère"#,
        advice: "doublez-le, ou utilisez des apostrophes")
    case .behindEnd:
      MessageWords(
        "ceci se trouve après la fin de la configuration",
        advice: "retirez un crochet, ou indentez comme la première clé")
    case .behindBlock:
      MessageWords(
        "rien ne peut suivre « | » ou « > » sur la même ligne",
        advice: "mettez la valeur entre guillemets si elle commence ainsi")
    case .secondDocument:
      MessageWords(
        "un deuxième document commence ici", advice: "une configuration n’en a qu’un : retirez ce « --- »")
    case .tooDeep: "les valeurs sont ici imbriquées sur plus de {limit} niveaux"
    case .alias: MessageWords("un alias (« * » et un nom) n’est pas admis ici", advice: "écrivez la valeur en entier")
    case .tag: MessageWords("une étiquette (« ! » et un nom) n’est pas comprise ici", advice: "retirez-la")
    case .mergeKey: MessageWords("la clé de fusion « << » n’est pas admise", advice: "écrivez les clés en entier")
    case .noValue: "il manque ici une valeur"
    case .sameKey: MessageWords("cette clé se trouve déjà à la ligne {line}", advice: "retirez l’une des deux")
    }
  }

  private static let quotesForBrackets =
    "mettez entre guillemets les valeurs qui contiennent des crochets, des accolades ou des guillemets"
}
