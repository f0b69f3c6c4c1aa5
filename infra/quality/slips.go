package main

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// ascii writes a name for an address: small letters, without accents, the
// umlauts as two letters, nothing else.
func ascii(p *country, s string) string {
	s = strings.ToLower(s)
	for from, to := range p.ascii {
		s = strings.ReplaceAll(s, from, to)
	}
	return strings.Map(func(r rune) rune {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return -1
		}
		return r
	}, norm.NFD.String(s))
}

// foreign writes a name on a keyboard that lacks its letters.
func (w *world) foreign(p *country, s string) string {
	if w.dice.happens(60) {
		for from, to := range p.ascii {
			s = strings.ReplaceAll(s, from, to)
			s = strings.ReplaceAll(s, strings.ToUpper(from), strings.ToUpper(to[:1])+to[1:])
		}
	}
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
}

// slip lets the hand slip once: a letter left out, twice, swapped with its
// neighbor, or one that lies beside it on the keyboard. It may be any letter.
func (w *world) slip(s string) string {
	r := []rune(s)
	if len(r) < 3 {
		return s
	}
	i := w.dice.IntN(len(r) - 1)
	switch w.dice.IntN(4) {
	case 0:
		return string(r[:i]) + string(r[i+1:])
	case 1:
		return string(r[:i+1]) + string(r[i:])
	case 2:
		r[i], r[i+1] = r[i+1], r[i]
	default:
		r[i] = w.beside(r[i])
	}
	return string(r)
}

// beside returns a letter that lies beside another one.
func (w *world) beside(r rune) rune {
	for _, row := range []string{"qwertzuiop", "asdfghjkl", "yxcvbnm"} {
		at := strings.IndexRune(row, unicode.ToLower(r))
		switch {
		case at < 0:
			continue
		case at == 0 || (at < len(row)-1 && w.dice.happens(50)):
			return rune(row[at+1])
		default:
			return rune(row[at-1])
		}
	}
	return 'e'
}

// called returns what people call somebody whose name is so, "" when they have
// no shorter one. The list is not the one that the rules have: some of these
// the rules don't know.
func called(given string) string {
	for _, pair := range strings.Fields(`
		James/Jim Robert/Bob John/Jack Michael/Mike William/Bill David/Dave Richard/Dick Joseph/Joe Thomas/Tom Christopher/Chris
		Charles/Chuck Daniel/Dan Matthew/Matt Anthony/Tony Steven/Steve Andrew/Drew Kenneth/Ken Joshua/Josh Edward/Ted Timothy/Tim
		Jeffrey/Jeff Nicholas/Nick Samuel/Sam Gregory/Greg Raymond/Ray Patricia/Trish Jennifer/Jenny Elizabeth/Betty Barbara/Barb
		Susan/Sue Jessica/Jess Margaret/Peggy Kimberly/Kim Deborah/Deb Stephanie/Steph Rebecca/Becky Catherine/Cathy Christine/Chris
		Samantha/Sam Katherine/Kate Victoria/Vicky Kathleen/Kathy Amanda/Mandy Dorothy/Dottie Melissa/Missy Stefan/Steff
		Christian/Chris Matthias/Matze Maximilian/Max Alexander/Alex Sebastian/Basti Johannes/Hannes Tobias/Tobi Ulrich/Uli
		Klaus/Klausi Philipp/Phil Benjamin/Benni Friedrich/Fritz Susanne/Susi Katharina/Kathi Stefanie/Steffi Daniela/Dani
		Christina/Tina Elisabeth/Lisa Ulrike/Uli Alexandra/Alex Franziska/Franzi Gisela/Gisi Margarete/Greta Philippe/Phil
		Frédéric/Fred Nicolas/Nico Sébastien/Seb Mathieu/Mat Guillaume/Guy Alexandre/Alex Nathalie/Nath Isabelle/Isa
		Stéphanie/Steph Valérie/Val`) {
		if long, short, _ := strings.Cut(pair, "/"); long == given {
			return short
		}
	}
	return ""
}

// written is how somebody writes their name this time.
func (w *world) written(p *person, earlier bool) (given, family string) {
	given, family = p.given, p.family
	if earlier && p.maiden != "" {
		family = p.maiden
	}
	switch short := called(given); {
	case short != "" && w.dice.happens(15):
		given = short
	case w.dice.happens(4):
		given = string([]rune(given)[:1]) + "."
	case p.second != "" && w.dice.happens(50):
		given += " " + p.second
	}
	if p.suffix != "" && w.dice.happens(60) {
		family += " " + p.suffix
	}
	if p.maiden != "" && !earlier && w.dice.happens(25) {
		family = p.maiden + "-" + family
	}
	if w.dice.happens(25) {
		given, family = w.foreign(p.place, given), w.foreign(p.place, family)
	}
	if w.dice.happens(3) {
		family = w.slip(family)
	}
	if w.dice.happens(2) {
		given = w.slip(given)
	}
	switch {
	case w.dice.happens(2):
		given, family = family, given
	case w.dice.happens(4):
		given, family = strings.ToUpper(given), strings.ToUpper(family)
	case w.dice.happens(4):
		given, family = strings.ToLower(given), strings.ToLower(family)
	}
	return given, family
}

// spelled is how somebody writes the name of a company this time.
func (w *world) spelled(c *company) string {
	name := c.brand + " " + c.trade
	switch {
	case w.dice.happens(25):
		name = c.brand
	case w.dice.happens(4):
		name = w.slip(name)
	}
	switch {
	case w.dice.happens(40):
		name += " " + c.form
	case w.dice.happens(15):
		name += " " + w.dice.one(c.place.forms)
	}
	if w.dice.happens(20) {
		name = w.foreign(c.place, name)
	}
	switch {
	case w.dice.happens(8):
		name = strings.ToUpper(name)
	case w.dice.happens(6):
		name = strings.ToLower(name)
	case w.dice.happens(3):
		name = strings.ReplaceAll(name, " ", "-")
	}
	return name
}

// dialed is how somebody writes a telephone number this time.
func (w *world) dialed(p *country, number string) string {
	rest := strings.TrimPrefix(number, p.area)
	switch w.dice.IntN(5) {
	case 0:
		return number
	case 1:
		return p.trunk + rest
	case 2:
		return "(" + p.trunk + rest[:3] + ") " + rest[3:6] + "-" + rest[6:]
	case 3:
		return p.area + " " + rest[:3] + " " + rest[3:6] + " " + rest[6:]
	}
	return "00" + strings.TrimPrefix(p.area, "+") + rest
}
