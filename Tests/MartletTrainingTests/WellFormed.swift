import Testing

/// Checks that every element of a page is closed, innermost first.
func expectWellFormed(_ page: String, at location: SourceLocation = #_sourceLocation) {
    var open: [Substring] = []
    for match in page.matches(of: /<(\/?)([a-z0-9]+)[^<>]*?(\/?)>/) {
        let (_, closing, name, empty) = match.output
        if !closing.isEmpty {
            #expect(open.popLast() == name, sourceLocation: location)
        } else if empty.isEmpty {
            open.append(name)
        }
    }
    #expect(open.isEmpty, "\(open)", sourceLocation: location)
}
