/// What word tokens must join to: the text in lower case without white space, controls and formatting.
func normalised(_ text: String) -> [UInt8] {
    var result: [UInt8] = []
    for scalar in text.unicodeScalars {
        let properties = scalar.properties
        switch properties.generalCategory {
        case .control, .format: continue
        default:
            if !properties.isWhitespace { result += Array(properties.lowercaseMapping.utf8) }
        }
    }
    return result
}
