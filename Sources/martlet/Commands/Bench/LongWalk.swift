import MartletTensor

/// Very many steps, and the memory of the process after the first hundredth of them, after each tenth, and at the end.
struct LongWalk: Encodable {
    /// Memory at some place.
    struct Mark: Encodable {
        var steps: Int
        var residentMegabytes: Double
    }

    var steps: Int
    var seconds: Double
    var marks: [Mark] = []

    /// Takes the steps.
    init(steps: Int, step: () -> Void) {
        self.steps = steps
        var places = Set((1...10).map { steps * $0 / 10 })
        places.insert(max(1, steps / 100))
        var marks: [Mark] = []
        let duration = ContinuousClock().measure {
            for taken in 1...steps {
                step()
                guard places.contains(taken) else { continue }
                let megabytes = Double(Machine.residentMemory) / 1e6
                marks.append(Mark(steps: taken, residentMegabytes: megabytes))
            }
        }
        self.marks = marks
        seconds = duration / .seconds(1)
    }

    func report(name: String, json: Bool) throws {
        if json {
            try JSONOutput.print(self)
            return
        }
        print("\(name): \(steps) steps in \(rounded(seconds)) s")
        for mark in marks {
            print("after \(mark.steps) steps  \(rounded(mark.residentMegabytes)) MB resident")
        }
    }

    private func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
