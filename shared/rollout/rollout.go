// Package rollout introduces the process cohort by cohort: it draws who is in
// and judges, gate by gate, whether the numbers allow more, forbid more, or say
// too little. It is pure. It knows neither the policy, nor where evidence is
// counted and kept, nor who carries a verdict out or is told of it.
package rollout
