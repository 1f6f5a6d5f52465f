extension String {
    /// The text as one field of a line of a CSV file: in quotation marks where it has to be.
    var csvField: String {
        // Scalars, as a carriage return and a line feed are one character together.
        unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) })
            ? "\"" + replacing("\"", with: "\"\"") + "\"" : self
    }
}
