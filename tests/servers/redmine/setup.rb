# Run once inside Redmine, on an empty database: the tables, Redmine's own default data, then projects, people and what
# each may do. Prints what the tests have to know as JSON.
require "json"

ActiveRecord::Migration.verbose = false
ActiveRecord::MigrationContext.new("db/migrate", ActiveRecord::SchemaMigration).migrate
ActiveRecord::Base.descendants.each(&:reset_column_information)
Redmine::DefaultData::Loader.load("en")

{
  "rest_api_enabled" => "1", "mail_handler_api_enabled" => "1", "mail_handler_api_key" => "a-key-for-mail",
  "login_required" => "1", "notified_events" => [], "default_language" => "en", "commit_update_keywords" => [],
}.each { |name, value| Setting[name] = value }

def person(login)
  user = User.new(firstname: login.capitalize, lastname: "Desk", mail: "#{login}@desk.example", language: "en")
  user.login = login
  user.password = user.password_confirmation = SecureRandom.hex
  user.mail_notification = "none"
  user.save!
  user.pref.update!(time_zone: "UTC")
  user
end

admin = User.find_by_login("admin")
admin.update!(must_change_passwd: false)
agents = %w[alice bob cindy].map { |login| person(login) }
bot, reader, stranger = person("chatbot"), person("monitor"), person("stranger")

agent = Role.find_by_name("Manager")
agent.update!(name: "Agent", permissions: agent.setable_permissions.map(&:name))
robot = Role.create!(name: "Robot", issues_visibility: "all", permissions: %i[view_issues edit_issues add_issue_notes])
# The least with which every row of an issue's history, and who is staff, can be read.
watcher = Role.create!(name: "Watcher", issues_visibility: "all", permissions: %i[view_issues view_private_notes view_members])

promise = IssueCustomField.create!(
  name: "Promised by", field_format: "date", is_for_all: true, is_filter: true, tracker_ids: Tracker.pluck(:id)
)
%w[support projects managers complaints].each do |name|
  project = Project.create!(
    name: name.capitalize, identifier: name, is_public: false, tracker_ids: Tracker.pluck(:id),
    enabled_module_names: %w[issue_tracking]
  )
  agents.each { |user| Member.create!(project: project, principal: user, roles: [agent]) }
  Member.create!(project: project, principal: bot, roles: [robot])
  Member.create!(project: project, principal: reader, roles: [watcher])
end
# Any status may follow any other: the tests decide, not the workflow.
states = IssueStatus.pluck(:id)
transitions = Tracker.pluck(:id).product([agent.id, robot.id], states, states).reject { |row| row[2] == row[3] }
WorkflowTransition.delete_all
WorkflowTransition.insert_all(transitions.map do |tracker, role, from, to|
  { tracker_id: tracker, role_id: role, old_status_id: from, new_status_id: to, type: "WorkflowTransition" }
end)

people = [admin, *agents, bot, reader, stranger]
puts JSON.generate(
  ids: people.to_h { |user| [user.login, user.id] }, keys: people.to_h { |user| [user.login, user.api_key] },
  statuses: IssueStatus.pluck(:name, :id).to_h, priorities: IssuePriority.pluck(:name, :id).to_h,
  trackers: Tracker.pluck(:name, :id).to_h, projects: Project.pluck(:identifier, :id).to_h, promise: promise.id,
)
