// What is typed outlives a change of language and a refusal, but no password does; the zone is guessed; a press shows that it was heard.
const form = document.querySelector('form')
if (form) {
  const kept = [...form.querySelectorAll('[data-kept]')], place = `voronka:${form.id}`
  const zone = form.querySelector('[data-guess]'), guess = Intl.DateTimeFormat().resolvedOptions().timeZone
  if (zone && [...zone.options].some(option => option.value === guess)) zone.value = guess
  const before = JSON.parse(sessionStorage.getItem(place) || '{}')
  for (const input of kept) {
    if (!(input.name in before)) continue
    if (input.type === 'checkbox') input.checked = before[input.name]
    else if (!input.value || input.matches('select')) input.value = before[input.name]
  }
  const typed = input => [input.name, input.type === 'checkbox' ? input.checked : input.value]
  addEventListener('pagehide', () => sessionStorage.setItem(place, JSON.stringify(Object.fromEntries(kept.map(typed)))))

  const busy = is => {
    form.classList.toggle('busy', is)
    form.querySelector('button').disabled = is
    form.querySelector('.doing').textContent = is ? form.dataset.doing : ''
  }
  form.addEventListener('submit', () => busy(true))
  addEventListener('pageshow', () => busy(false))
}
