/// The eigenvalues of a layer's recurrent matrices in the complex plane, with the unit circle: inside, powers shrink.
struct EigenvaluePlane {
    var spectra: [RecurrentSpectrum]

    /// The picture.
    var svg: String {
        let (size, margin) = (250.0, 14.0)
        let reach = max(1.15, spectra.reduce(0) { max($0, $1.radius) } * 1.08)
        let scale = (size / 2 - margin) / reach
        let middle = size / 2
        var parts = [
            Markup.element(
                "circle",
                [
                    "cx": Markup.place(middle), "cy": Markup.place(middle),
                    "r": Markup.place(scale), "class": "unit",
                ]),
            Markup.line(margin, middle, size - margin, middle, style: "grid"),
            Markup.line(middle, margin, middle, size - margin, style: "grid"),
        ]
        if scale > 12 {
            parts.append(
                Markup.label("1", x: middle + scale + 3, y: middle - 4))
        }
        for (place, spectrum) in spectra.enumerated() {
            for value in spectrum.eigenvalues {
                parts.append(
                    Markup.element(
                        "circle",
                        [
                            "cx": Markup.place(middle + scale * value.real),
                            "cy": Markup.place(middle - scale * value.imaginary), "r": "2.4",
                            "class": "eigenvalue g\(place % 4)",
                        ]))
            }
        }
        let names = spectra.map { "\($0.gate) \(Decimals.fixed($0.radius, 2))" }
        return Markup.picture(
            width: Int(size), height: Int(size),
            title: "Eigenvalues; spectral radii: \(names.joined(separator: ", "))",
            parts.joined(separator: "\n"))
    }

    /// The gates with their radii, as a legend.
    var legend: String {
        let items = spectra.enumerated().map { place, spectrum in
            "<span class=\"key g\(place % 4)\">●</span>&nbsp;\(Markup.escaped(spectrum.gate)) <b>\(Decimals.fixed(spectrum.radius, 2))</b> <span class=\"faint\">(σ&nbsp;\(Decimals.fixed(spectrum.norm, 2)))</span>"
        }
        return "<p class=\"keys\">\(items.joined(separator: " "))</p>"
    }
}

/// What a layer's gates did: the share of activations at the lower end, between, and at the upper end.
struct GateBars {
    var gates: [GateActivity]

    /// The picture.
    var svg: String {
        let (width, left, right, row) = (250.0, 52.0, 44.0, 24.0)
        let scale = width - left - right
        var parts: [String] = []
        for (place, gate) in gates.enumerated() {
            let y = Double(place) * row + 4
            func bar(_ from: Double, _ share: Double, _ style: String, _ what: String) -> String {
                guard share > 0 else { return "" }
                return Markup.element(
                    "rect",
                    [
                        "x": Markup.place(left + scale * from), "y": Markup.place(y),
                        "width": Markup.place(max(scale * share, 0.5)), "height": "14",
                        "class": style,
                    ],
                    Markup.element(
                        "title", [:],
                        "\(Markup.escaped(gate.gate)): \(Decimals.percent(share)) \(what)"))
            }
            let between = max(0, 1 - gate.saturated)
            parts += [
                Markup.label(gate.gate, x: left - 8, y: y + 11, anchor: "end", style: "gate"),
                bar(0, gate.low, "shut", "at the lower end"),
                bar(gate.low, between, "between", "between"),
                bar(gate.low + between, gate.high, "open", "at the upper end"),
                Markup.label(
                    Decimals.percent(gate.saturated, gate.saturated < 0.0995 ? 1 : 0),
                    x: width, y: y + 11, anchor: "end"),
            ]
        }
        return Markup.picture(
            width: Int(width), height: Int(Double(gates.count) * row + 4),
            title: "Saturation of the gates", parts.joined(separator: "\n"))
    }
}
