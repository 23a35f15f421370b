import Pipelines
import Runs
import Settings
import Testing

@Suite("Choosing among adaptations")
struct AdaptationContestTests {
  private func entry(
    _ name: String, entropy: Double = 0.4, density: Double = 5, source: Double? = 0.7, classes: Double = 4,
    reverse: Double? = 0.5, few: Double? = nil
  ) -> AdaptationContest.Entry {
    var entry = AdaptationContest.Entry(name: name)
    (entry.entropy, entry.density, entry.reverse, entry.fewLabels) = (entropy, density, reverse, few)
    (entry.sourceIoU, entry.effectiveClasses) = (source, classes)
    return entry
  }

  private func result(
    _ rule: AdaptationChoice.Rule, labelledClasses: Double? = 4.5, _ entries: AdaptationContest.Entry...
  ) -> AdaptationContest.Result {
    var contest = AdaptationContest(rule, labelledClasses: labelledClasses)
    for entry in entries { contest.add(entry) }
    return contest.result
  }

  @Test("Density, reverse validation and few labels are the better the higher, entropy the lower")
  func rules() {
    let entries = [
      entry("unadapted", entropy: 0.5, density: 4, few: 0.3),
      entry("dense", entropy: 0.4, density: 6, reverse: 0.4, few: 0.2),
      entry("sure", entropy: 0.1, density: 3, reverse: 0.3, few: 0.1),
      entry("right", entropy: 0.6, density: 2, reverse: 0.2, few: 0.8),
      entry("returning", entropy: 0.6, density: 2, reverse: 0.9, few: 0.2),
    ]
    for (rule, name) in [
      (AdaptationChoice.Rule.density, "dense"), (.entropy, "sure"), (.fewLabels, "right"),
      (.reverse, "returning"),
    ] {
      var contest = AdaptationContest(rule, labelledClasses: 4.5)
      for entry in entries { contest.add(entry) }
      #expect(contest.result.name == name, "\(rule)")
      #expect(contest.result.sentence.hasPrefix("chose '\(name)' by \(rule.rawValue): "))
      #expect(contest.result.findings.first { $0.key == "chosen-adaptation" }?.text == name)
    }
  }

  @Test("A collapsed model has the best entropy and density there are, and is not chosen")
  func collapsed() {
    let entries = [
      entry("unadapted", entropy: 0.5, density: 4), entry("collapsed", entropy: 0, density: 6.9, classes: 1),
    ]
    for rule in [AdaptationChoice.Rule.density, .entropy] {
      let withLabels = result(rule, entries[0], entries[1])
      #expect(withLabels.name == "unadapted")
      #expect(
        withLabels.sentence.contains(
          "'collapsed' was ruled out: its map of the target has collapsed (as varied as 1.000 classes of one size, the "
            + "source's labels as 4.500)"))
      // Without labels of the source the unadapted map is what it is held against.
      #expect(result(rule, labelledClasses: nil, entries[0], entries[1]).name == "unadapted")
    }
  }

  @Test("A model whose classes are shuffled is as sure and as dense, and is not chosen")
  func shuffled() {
    let found = result(
      .density, entry("unadapted", density: 4), entry("shuffled", density: 5, source: 0.05),
      entry("good", density: 4.5))
    #expect(found.name == "good" && found.winner == 2)
    #expect(
      found.sentence
        == "chose 'good' by soft-neighbourhood-density: 4.500 against 4.000 of 'unadapted'; 'shuffled' was ruled out: it has "
        + "forgotten the source (mIoU 0.050, the best 0.700)")
  }

  @Test(
    "A candidate without a model is ruled out with the reason of its failure; the next one that has a model goes on"
  )
  func failed() {
    let lost = AdaptationContest.Entry(name: "lost", failure: "the loss is not finite at step 3")
    let found = result(.density, lost, entry("good"))
    #expect(found.name == "good" && found.winner == 1)
    #expect(found.sentence.contains("'lost' was ruled out: the loss is not finite at step 3"))
    let none = result(.density, lost, entry("collapsed", classes: 1))
    #expect(
      none.name == "collapsed" && none.sentence.hasPrefix("went on with 'collapsed', for none can be chosen"))
  }

  @Test("The model as it is goes on where nothing is better, unless it has collapsed and another has not")
  func unadapted() {
    #expect(result(.density, entry("unadapted", density: 5), entry("same", density: 5)).name == "unadapted")
    let shifted = entry("unadapted", density: 6, classes: 1)
    #expect(result(.density, shifted, entry("other", density: 4)).name == "other")
    // Where all are ruled out, nothing is done.
    let nothing = result(.density, shifted, entry("other", density: 7, classes: 1.5))
    #expect(nothing.name == "unadapted" && nothing.sentence.hasPrefix("went on with 'unadapted'"))
    let none = result(.entropy, entry("unadapted", entropy: .nan), entry("other", entropy: .nan))
    #expect(none.name == "unadapted" && none.sentence.hasPrefix("went on with 'unadapted'"))
  }

  @Test("Labels of the target decide whatever the source says")
  func fewLabels() {
    let found = result(
      .fewLabels, entry("unadapted", few: 0.4), entry("other", source: 0.1, classes: 1, few: 0.6))
    #expect(found.name == "other")
  }
}
