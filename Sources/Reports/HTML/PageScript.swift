/// The script of pages: a field that filters the rows of long tables, and headings that sort them. Without it
/// everything is there, in the order of the file. It holds no character that XML would take for markup.
enum PageScript {
  static let text: StaticString = """

    for (const table of document.querySelectorAll('table[data-sorts]')) {
      const body = table.tBodies[0]
      const value = (row, place) => {
        const cell = row.cells[place]
        return cell ? cell.dataset.value ?? cell.textContent.trim() : ''
      }
      const heads = [...table.tHead.rows[0].cells]
      heads.forEach((head, place) => {
        const button = document.createElement('button')
        button.append(...head.childNodes)
        head.append(button)
        button.onclick = () => {
          const down = head.getAttribute('aria-sort') === 'ascending'
          heads.forEach(other => other.removeAttribute('aria-sort'))
          head.setAttribute('aria-sort', down ? 'descending' : 'ascending')
          const rows = [...body.rows]
          const order = (one, other) =>
            isNaN(one) || isNaN(other) ? one.localeCompare(other, 'en', { numeric: true }) : one - other
          rows.sort((one, other) => order(value(one, place), value(other, place)))
          if (down) rows.reverse()
          body.append(...rows)
        }
      })
    }
    for (const field of document.querySelectorAll('input[data-filters]')) {
      const list = document.getElementById(field.dataset.filters)
      const said = field.nextElementSibling
      field.parentElement.hidden = false
      field.oninput = () => {
        const wanted = field.value.toLowerCase()
        const items = list.tBodies ? [...list.tBodies[0].rows] : [...list.children]
        for (const item of items) item.hidden = !item.textContent.toLowerCase().includes(wanted)
        said.textContent = items.filter(item => !item.hidden).length + ' of ' + items.length
      }
    }

    """
}
