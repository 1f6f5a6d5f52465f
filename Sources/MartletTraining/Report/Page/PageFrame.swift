/// What every page has around its content.
enum PageFrame {
    /// A page, complete in itself; `style` is CSS on top of ``ReportStyle``, `body` is markup.
    static func html(title: String, style: String? = nil, body: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <title>\(Markup.escaped(title)) – Martlet</title>
        <style>
        \(ReportStyle.css)\(style.map { "\n" + $0 } ?? "")
        </style>
        </head>
        <body><main>
        \(body)
        </main></body>
        </html>

        """
    }
}
