package outbound

import (
	"fmt"
	"strings"
	"unicode"
)

// reference is the line by which a repeat of a message can be told.
func (m Message) reference() string { return "Event " + m.Event.ID }

// whyText lists why now: the reason, and under it each score with its parts.
func (m Message) whyText() string {
	var b strings.Builder
	if m.Why != "" {
		fmt.Fprintf(&b, "Why now: %s\n", m.Why)
	}
	for _, s := range m.Scores {
		fmt.Fprintf(&b, "%s\n", s.title())
		for _, p := range s.Parts {
			fmt.Fprintf(&b, "  %+d  %s\n", p.Points, p.Reason)
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

func (s Score) title() string {
	return fmt.Sprintf("%s %d", capital(s.Name), s.Points)
}

// capital begins a text with a capital letter.
func capital(s string) string {
	for i, r := range s {
		return string(unicode.ToUpper(r)) + s[i+len(string(r)):]
	}
	return s
}

func linesText(lines []Line) string {
	texts := make([]string, len(lines))
	for i, l := range lines {
		texts[i] = l.Label + ": " + l.Text
	}
	return strings.Join(texts, "\n")
}

func linksText(links []Link) string {
	texts := make([]string, len(links))
	for i, l := range links {
		texts[i] = l.Label + ": " + l.URL
	}
	return strings.Join(texts, "\n")
}

// paragraphs joins the texts that are not empty.
func paragraphs(texts ...string) string {
	var some []string
	for _, t := range texts {
		if t != "" {
			some = append(some, t)
		}
	}
	return strings.Join(some, "\n\n")
}

// text is the whole message in plain text.
func (m Message) text() string {
	return paragraphs(
		m.Intro,
		linesText(m.Who),
		m.whyText(),
		linesText(m.Promises),
		strings.Join(m.Notes, "\n"),
		linksText(m.Links),
		m.reference(),
	) + "\n"
}
