/// Small pieces of HTML and SVG, with everything that comes from data escaped.
enum Markup {
    /// Text as HTML and SVG need it, in content and in quoted attributes.
    static func escaped(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            // Control characters are not allowed in a page, even escaped.
            case "\u{0}"..<"\u{9}", "\u{B}", "\u{C}", "\u{E}"..<"\u{20}", "\u{7F}":
                result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// An element; `content` is markup already, the attributes' values are not.
    static func element(
        _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ content: String? = nil
    ) -> String {
        let pairs = attributes.map { " \($0.key)=\"\(escaped($0.value))\"" }.joined()
        guard let content else { return "<\(name)\(pairs)/>" }
        return "<\(name)\(pairs)>\(content)</\(name)>"
    }

    /// An SVG picture of that size, described for those who cannot see it.
    static func picture(width: Int, height: Int, title: String, _ content: String) -> String {
        element(
            "svg",
            ["viewBox": "0 0 \(width) \(height)", "role": "img"],
            element("title", [:], escaped(title)) + content)
    }

    /// SVG text.
    static func label(
        _ text: String, x: Double, y: Double, anchor: String = "start", style: String = "tick"
    ) -> String {
        element(
            "text",
            ["x": place(x), "y": place(y), "text-anchor": anchor, "class": style], escaped(text))
    }

    /// An SVG line.
    static func line(
        _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, style: String
    ) -> String {
        element(
            "line",
            ["x1": place(x1), "y1": place(y1), "x2": place(x2), "y2": place(y2), "class": style])
    }

    /// A coordinate, to a tenth of a pixel.
    static func place(_ value: Double) -> String { Decimals.fixed(value, 1) }

    /// "To repeat it": what is needed for that, each with its name; the values are not markup.
    static func particulars(_ rows: [(name: String, value: String)]) -> String {
        let body = rows.map {
            "<tr><th scope=\"row\">\($0.name)</th><td><code>\(escaped($0.value))</code></td></tr>"
        }
        return """
            <h2>To repeat it</h2>
            <section class="card"><table>\(body.joined())</table></section>
            """
    }

    /// The name of a file or folder without those it is in.
    static func lastPart(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}
