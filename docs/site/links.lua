-- Links of a page of the repository, made those of the site: pages lead to pages, what the site lacks is text.
-- In the environment: PAGE, the page's path in the repository; SITE, the folder that is written.

local folder = os.getenv("PAGE"):match("^(.*/)") or ""
local site = os.getenv("SITE") .. "/"

local function normalized(path)
  local parts = {}
  for part in path:gmatch("[^/]+") do
    if part == ".." then
      if #parts == 0 then return nil end
      parts[#parts] = nil
    elseif part ~= "." then
      parts[#parts + 1] = part
    end
  end
  return table.concat(parts, "/")
end

local function exists(path)
  local file = io.open(path, "r")
  if file then file:close() end
  return file ~= nil
end

-- The target within the site, relative to the page as the source is; nil where the site does not have it.
local function target(link)
  if link:match("^%a[%w+.-]*:") or link:match("^#") then return link end
  local path, anchor = link:match("^([^#]*)(#?.*)$")
  local page = path:gsub("README%.md$", "index.html"):gsub("%.md$", ".html")
  local whole = normalized(folder .. page)
  if whole and exists(site .. whole) then return page .. anchor end
  return nil
end

function Link(link)
  local found = target(link.target)
  if not found then return link.content end
  link.target = found
  return link
end

function Image(image)
  if not target(image.src) then error(os.getenv("PAGE") .. ": the site has no " .. image.src) end
  return image
end

-- Wide tables scroll in a box of their own. Widths that pandoc takes from the source's columns would squeeze them.
function Table(table)
  for _, column in ipairs(table.colspecs) do column[2] = nil end
  return pandoc.Div({ table }, { class = "scroll" })
end
