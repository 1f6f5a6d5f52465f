import MartletTraining

/// Tells what a run does: to people on standard error, or as JSON lines on standard output.
final class RunListener {
    private let json: Bool
    private var bar: ProgressBar

    /// A listener.
    ///
    /// - Parameter words: what the recipe counts, for the line of its progress.
    init(json: Bool, words: ProgressBar.Words = .init()) {
        self.json = json
        bar = ProgressBar(isLive: Terminal.hasLiveErrors, words: words)
    }

    /// Takes one piece of news.
    func tell(_ news: RunNews) {
        switch news {
        case .told(let words, let object):
            if json {
                try? JSONOutput.print(object)
            } else {
                Terminal.writeError(words + "\n")
            }
        case .training(let event):
            if !json {
                bar.take(event)
            } else if let line = TrainingLine(event) {
                try? JSONOutput.print(line)
            }
        }
    }
}
