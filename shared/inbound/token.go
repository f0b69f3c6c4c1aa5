package inbound

// byToken is what adapters of senders that cannot sign have in common: they
// carry the source's secret, as ?token= in the address, as the password of
// basic authentication, or in the header X-Handoff-Token. It proves who sends,
// and not what.
type byToken struct{ provider string }

// Verify checks the token.
func (byToken) Verify(r Request) error {
	if !hasToken(r) {
		return denied("the token is missing or wrong: put the source's secret into the address as ?token=, or into the header X-Handoff-Token")
	}
	return nil
}

// Sign returns the token in the header X-Handoff-Token, and the type of the body.
func (byToken) Sign(l Letter) (map[string]string, error) {
	return map[string]string{"Content-Type": typeOf(l.Body), "X-Handoff-Token": l.Key}, nil
}

// Answer follows the table of answers.
func (t byToken) Answer(r Request, res Result) Answer {
	return machine(t).Answer(r, res)
}

// typeOf returns the content type with which such bytes are sent.
func typeOf(body []byte) string {
	if len(body) > 0 && (body[0] == '{' || body[0] == '[') {
		return "application/json"
	}
	return formType(body)
}
