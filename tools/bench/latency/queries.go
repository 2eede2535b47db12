// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package latency

// queries are selective ones over WordNet: words, of which all must be in a
// document, and 1 to 100 documents have them all.
var queries = []string{
	"small animal", "domestic dog", "canis familiaris", "igneous rock", "stringed instrument",
	"harpsichord", "telescope lens", "volcano eruption", "photosynthesis", "marsupial australia",
	"honey bee", "roman emperor", "chess piece", "sailing vessel", "wheat flour bread",
	"symphony orchestra", "nocturnal bird", "freshwater fish", "nuclear reactor", "steam engine",
	"leather shoe", "glacier ice", "poisonous mushroom", "ancient greek philosopher", "solar eclipse",
	"electric current", "heart disease", "tropical fruit", "parliament member", "wine bottle",
	"quartz", "trombone", "kangaroo", "archipelago", "embroidery",
	"saxophone", "barometer", "cathedral", "penguin", "origami",
}
